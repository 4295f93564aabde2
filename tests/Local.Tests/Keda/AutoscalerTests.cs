using CsCheck;
using Wakegate.Local.Keda;

namespace Wakegate.Local.Tests.Keda;

public sealed class AutoscalerTests
{
    private static readonly ScalingRules Rules = new() { Deployment = "shop", MaxReplicas = 20 };
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(1, 100, 100, 1)]
    [InlineData(1, 109, 100, 1)]
    [InlineData(1, 111, 100, 2)]
    [InlineData(2, 180, 100, 2)]
    [InlineData(3, 179, 100, 2)]
    [InlineData(4, 0, 100, 0)]
    [InlineData(1, 0.75, 0.5, 2)]
    public void Wanted_IsSumByTargetRoundedUpButForTheTolerance(int current, double sum, double target, int expected) =>
        Assert.Equal(expected, Autoscaler.Wanted(current, Metric(sum, target)));

    [Fact]
    public void NoReplicas_StayNone() =>
        Assert.Equal(0, Decide(new Autoscaler(), current: 0, sum: 5_000));

    [Fact]
    public void LoadThatGrows_AddsFourPodsOrDoublesInFifteenSeconds()
    {
        var autoscaler = new Autoscaler();

        var first = Decide(autoscaler, current: 1, sum: 5_000);
        var within = Decide(autoscaler, current: 5, sum: 5_000, TimeSpan.FromSeconds(14));
        var after = Decide(autoscaler, current: 5, sum: 5_000, TimeSpan.FromSeconds(15));
        var last = Decide(autoscaler, current: 10, sum: 5_000, TimeSpan.FromSeconds(30));

        Assert.Equal((5, 5, 10, 20), (first, within, after, last));
    }

    [Fact]
    public void LoadThatFalls_RemovesPodsWhenTheWindowHasForgottenIt()
    {
        var autoscaler = new Autoscaler();

        var busy = Decide(autoscaler, current: 5, sum: 500);
        var within = Decide(autoscaler, current: 5, sum: 100, TimeSpan.FromSeconds(300));
        var after = Decide(autoscaler, current: 5, sum: 100, TimeSpan.FromSeconds(301));

        Assert.Equal((5, 5, 1), (busy, within, after));
    }

    [Fact]
    public void SeveralMetrics_TheMostDemandingWins() =>
        Assert.Equal(4, new Autoscaler().Decide(Rules, 1, [Metric(100, 100), Metric(40, 10)], complete: true, Start));

    [Fact]
    public void AMetricIsMissing_TheOthersMayOnlyAdd()
    {
        var rules = Rules with { ScaleDownWindow = TimeSpan.Zero };

        Assert.Equal(5, new Autoscaler().Decide(rules, 5, [Metric(100, 100)], complete: false, Start));
        Assert.Equal(7, new Autoscaler().Decide(rules, 5, [Metric(700, 100)], complete: false, Start));
        Assert.Equal(5, new Autoscaler().Decide(rules, 5, [], complete: false, Start));
    }

    [Fact]
    public void AnyHistory_StaysWithinTheBounds()
    {
        var step = Gen.Select(Gen.Int[0, 60], Gen.Double[0, 1e6], Gen.Bool);
        var history = Gen.Select(Gen.Int[0, 5], Gen.Int[1, 50], Gen.Int[0, 400], step.Array[1, 40]);

        history.Sample((min, max, window, steps) =>
        {
            var rules = Rules with { MinReplicas = min, MaxReplicas = Math.Max(min, max), ScaleDownWindow = TimeSpan.FromSeconds(window) };
            var autoscaler = new Autoscaler();
            var (current, now) = (1, Start);
            foreach (var (seconds, sum, complete) in steps)
            {
                now += TimeSpan.FromSeconds(seconds);
                var next = autoscaler.Decide(rules, current, [Metric(sum, 100)], complete, now);

                Assert.InRange(next, rules.AwakeReplicas, rules.MaxReplicas);
                Assert.True(next <= Math.Max(Math.Max(current + 4, current * 2), rules.AwakeReplicas), $"{current} to {next} in one step");
                Assert.True(next >= current || complete, "fewer pods although a metric is missing");
                current = next;
            }
        });
    }

    [Fact]
    public void SteadyLoad_SettlesOnEnoughPodsAndStays()
    {
        Gen.Select(Gen.Double[0, 2_000], Gen.Double[1, 200]).Sample((sum, target) =>
        {
            var rules = Rules with { ScaleDownWindow = TimeSpan.Zero, MaxReplicas = 10_000 };
            var autoscaler = new Autoscaler();
            var (current, now) = (1, Start);
            for (var turn = 0; turn < 20; turn++, now += TimeSpan.FromSeconds(15))
                current = autoscaler.Decide(rules, current, [Metric(sum, target)], complete: true, now);

            Assert.Equal(current, autoscaler.Decide(rules, current, [Metric(sum, target)], complete: true, now));
            Assert.True(sum <= current * target * 1.1 + 1e-6, $"{current} pods for {sum} at {target} each");
        });
    }

    private static int Decide(Autoscaler autoscaler, int current, double sum, TimeSpan after = default) =>
        autoscaler.Decide(Rules, current, [Metric(sum, 100)], complete: true, Start + after);

    private static MetricReading Metric(double sum, double target) => new("pending", sum, target);
}
