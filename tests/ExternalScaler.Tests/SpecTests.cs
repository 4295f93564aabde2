using Wakegate.ExternalScaler.Protocol;

namespace Wakegate.ExternalScaler.Tests;

/// <summary>GetMetricSpec: KEDA builds the HPA from it, so it never fails and is never empty. Redis is away throughout.</summary>
public class SpecTests
{
    [Fact(Timeout = 60_000)]
    public async Task NoTarget_IsAHundredPendingRequests()
    {
        var spec = Assert.Single(await SpecsAsync());

        Assert.Equal(("wakegate-pending-requests", 100L, 100.0), (spec.MetricName, spec.TargetSize, spec.TargetSizeFloat));
    }

    [Fact(Timeout = 60_000)]
    public async Task BrokenTarget_IsAlsoRoundedUp()
    {
        var spec = Assert.Single(await SpecsAsync(("targetPendingRequests", "0.25")));

        Assert.Equal((1L, 0.25), (spec.TargetSize, spec.TargetSizeFloat));
    }

    [Fact(Timeout = 60_000)]
    public async Task OnlyARate_IsTheOnlyMetric()
    {
        var spec = Assert.Single(await SpecsAsync(("targetRequestRate", "12.5")));

        Assert.Equal(("wakegate-request-rate", 13L, 12.5), (spec.MetricName, spec.TargetSize, spec.TargetSizeFloat));
    }

    [Fact(Timeout = 60_000)]
    public async Task BothTargets_AreTwoMetrics()
    {
        var specs = await SpecsAsync(("targetPendingRequests", "50"), ("targetRequestRate", "5"));

        Assert.Equal([("wakegate-pending-requests", 50.0), ("wakegate-request-rate", 5.0)], specs.Select(spec => (spec.MetricName, spec.TargetSizeFloat)));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("targetPendingRequests", "many")]
    [InlineData("targetPendingRequests", "0")]
    [InlineData("targetPendingRequests", "NaN")]
    [InlineData("targetRequestRate", "-1")]
    [InlineData("requestRateWindow", "soon")]
    [InlineData("activityWindow", "soon")]
    [InlineData("route", "Not A Name")]
    public async Task BadMetadata_HasTheDefaults(string key, string value)
    {
        var specs = await SpecsAsync((key, value));

        Assert.Contains(specs, spec => spec is { MetricName: "wakegate-pending-requests", TargetSize: 100, TargetSizeFloat: 100 });
        Assert.All(specs, spec => Assert.True(spec is { TargetSize: > 0, TargetSizeFloat: > 0 }));
    }

    [Fact(Timeout = 60_000)]
    public async Task SpecStream_SendsTheSpecOnceAndStaysOpenUntilTheScalerStops()
    {
        await using var scaler = await ScalerApp.StartAsync("127.0.0.1:1");
        using var keda = new KedaPeer(scaler.Grpc);
        using var stream = keda.Client.StreamMetricSpec(KedaPeer.Object("shop"), cancellationToken: TestContext.Current.CancellationToken);

        Assert.True(await stream.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        var spec = Assert.Single(stream.ResponseStream.Current.MetricSpecs);
        var next = stream.ResponseStream.MoveNext(TestContext.Current.CancellationToken);
        var open = !next.IsCompleted;
        await scaler.StopAsync();

        Assert.Equal("wakegate-pending-requests", spec.MetricName);
        Assert.True(open);
        Assert.False(await next);
    }

    private static async Task<IReadOnlyList<MetricSpec>> SpecsAsync(params (string, string)[] metadata)
    {
        await using var scaler = await ScalerApp.StartAsync("127.0.0.1:1");
        using var keda = new KedaPeer(scaler.Grpc);
        var response = await keda.Client.GetMetricSpecAsync(KedaPeer.Object("shop", metadata), cancellationToken: TestContext.Current.CancellationToken);
        return response.MetricSpecs;
    }
}
