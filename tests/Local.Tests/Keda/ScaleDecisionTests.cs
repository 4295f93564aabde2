using CsCheck;
using Wakegate.Local.Keda;

namespace Wakegate.Local.Tests.Keda;

public sealed class ScaleDecisionTests
{
    private static readonly ScalingRules Rules = new() { Deployment = "shop", Cooldown = TimeSpan.FromSeconds(60) };
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static TheoryData<int, int?, int, string, bool, string, int> Cases => new()
    {
        // min, idle, current, activity, cooled down → step, replicas
        { 0, null, 0, "Active", false, "Wake", 1 },
        { 3, null, 0, "Active", false, "Wake", 3 },
        { 0, null, 2, "Active", true, "Keep", 2 },
        { 0, null, 2, "Inactive", false, "CoolDown", 2 },
        { 0, null, 2, "Inactive", true, "Rest", 0 },
        { 0, null, 0, "Inactive", true, "Keep", 0 },
        { 2, null, 5, "Inactive", true, "Keep", 5 },
        { 2, null, 1, "Inactive", true, "RaiseToMinimum", 2 },
        { 0, null, 2, "Unknown", true, "Freeze", 2 },
        { 0, null, 0, "Unknown", true, "Freeze", 0 },
        { 5, 1, 1, "Active", false, "Wake", 5 },
        { 5, 1, 5, "Inactive", true, "Rest", 1 },
        { 5, 1, 5, "Inactive", false, "CoolDown", 5 },
        { 5, 1, 1, "Inactive", true, "Keep", 1 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void EachCase_IsDecidedAsKedaDoes(int min, int? idle, int current, string activity, bool cooledDown, string step, int replicas)
    {
        var rules = Rules with { MinReplicas = min, IdleReplicas = idle };

        var decision = ScaleDecision.For(rules, current, Enum.Parse<Activity>(activity), cooledDown);

        Assert.Equal(new ScaleDecision(Enum.Parse<ScaleStep>(step), replicas), decision);
    }

    [Fact]
    public void NothingButCertainInactivity_RemovesReplicas()
    {
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 9], Gen.Enum<Activity>(), Gen.Bool).Sample((min, current, activity, cooledDown) =>
        {
            var decision = ScaleDecision.For(Rules with { MinReplicas = min }, current, activity, cooledDown);

            Assert.True(decision.Replicas >= current || (activity == Activity.Inactive && cooledDown && min == 0));
            Assert.True(decision.Replicas >= 1 || activity != Activity.Active);
        });
    }

    [Theory]
    [InlineData(60, false)]
    [InlineData(61, true)]
    public void Cooldown_RunsFromTheLastActivity(int seconds, bool over) =>
        Assert.Equal(over, Cooldown.IsOver(Rules, lastActive: Start, created: Start.AddDays(-1), Start.AddSeconds(seconds)));

    [Theory]
    [InlineData(0, 1, true)]
    [InlineData(30, 30, false)]
    [InlineData(30, 31, true)]
    public void NeverActive_CoolsDownFromItsCreation(int initial, int seconds, bool over) =>
        Assert.Equal(over, Cooldown.IsOver(Rules with { InitialCooldown = TimeSpan.FromSeconds(initial) }, lastActive: null, Start, Start.AddSeconds(seconds)));
}
