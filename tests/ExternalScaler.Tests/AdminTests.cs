using System.Net;
using Wakegate.Testing;
using Wakegate.Testing.Ledger;
using Wakegate.Testing.Redis;

namespace Wakegate.ExternalScaler.Tests;

public class AdminTests
{
    [Fact(Timeout = 30_000)]
    public async Task RedisAway_LeavesTheScalerLiveAndReady()
    {
        await using var scaler = await ScalerApp.StartAsync("127.0.0.1:1");
        using var client = new HttpClient { BaseAddress = scaler.Admin };

        await Eventually.TrueAsync(async () => (await client.GetAsync("/readyz", TestContext.Current.CancellationToken)).StatusCode == HttpStatusCode.OK);

        Assert.Equal("ok", await client.GetStringAsync("/livez", TestContext.Current.CancellationToken));
    }

    [Fact(Timeout = 60_000)]
    public async Task Metrics_CountCallsPushesAndInterceptors()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replica = await LedgerHost.StartWriterAsync(redis.Address);
        await using var scaler = await ScalerApp.StartAsync(redis.Address);
        using var keda = new KedaPeer(scaler.Grpc);
        await using var stream = keda.Open(KedaPeer.Object("shop"));
        replica.Track("shop").Enter();
        await stream.PushedAsync();
        await keda.IsActiveAsync(KedaPeer.Object("shop"));
        await KedaPeer.RefusalAsync(() => keda.MetricAsync(KedaPeer.Object("shop"), "cpu"));
        await Eventually.TrueAsync(() => scaler.Ledger.LiveReplicas == 1);
        using var client = new HttpClient { BaseAddress = scaler.Admin };
        var page = await client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);

        Assert.Equal(1, scaler.Metrics.Sum("wakegate.scaler.streams"));
        Assert.Equal(1, scaler.Metrics.Sum("wakegate.scaler.pushes"));
        Assert.Equal(1, scaler.Metrics.Sum("wakegate.scaler.calls", ("method", "IsActive"), ("code", "OK")));
        Assert.Equal(1, scaler.Metrics.Sum("wakegate.scaler.calls", ("method", "GetMetrics"), ("code", "InvalidArgument")));
        foreach (var name in new[] { "streams", "pushes_total", "calls_total", "interceptors", "snapshot_age_seconds", "trusted" })
            Assert.Contains($"wakegate_scaler_{name}", page, StringComparison.Ordinal);
    }
}
