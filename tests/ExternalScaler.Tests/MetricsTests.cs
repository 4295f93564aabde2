using Microsoft.Extensions.Time.Testing;
using Wakegate.ExternalScaler.Answering;
using Wakegate.Testing;
using Wakegate.Testing.Ledger;
using Wakegate.Testing.Redis;

namespace Wakegate.ExternalScaler.Tests;

/// <summary>What the scaler measures, and that <c>docs/metrics.md</c> says so.</summary>
public class MetricsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task CallsAndPushes_AreMeasuredAsTheDocsSay()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replica = await LedgerHost.StartWriterAsync(redis.Address);
        await using var scaler = await ScalerApp.StartAsync(redis.Address);
        using var keda = new KedaPeer(scaler.Grpc);
        await using var stream = keda.Open(KedaPeer.Object("shop"));
        await stream.OpenedAsync();
        await Eventually.TrueAsync(() => scaler.Ledger.Trust.Trusted);
        replica.Track("shop").Enter();
        await stream.PushedAsync();
        await keda.IsActiveAsync(KedaPeer.Object("shop"));
        await keda.IsActiveAsync(KedaPeer.Object("shop"));
        await keda.IsActiveAsync(KedaPeer.Object("cart"));
        await KedaPeer.RefusalAsync(() => keda.MetricAsync(KedaPeer.Object("shop"), "cpu"));
        var metrics = scaler.Metrics;
        // A push is counted before its delay is.
        await Eventually.TrueAsync(() => scaler.Ledger.LiveReplicas == 1 && metrics.Lines("wakegate.scaler.edge.delay").Count == 1);

        Assert.Equal(["method=StreamIsActive: 1"], metrics.Lines("wakegate.scaler.streams"));
        Assert.Equal(["cause=active: 1"], metrics.Lines("wakegate.scaler.pushes"));
        Assert.Equal(
            ["method=GetMetrics code=InvalidArgument: 1", "method=IsActive code=OK: 1", "method=IsActive code=OK: 1", "method=IsActive code=OK: 1"],
            metrics.Lines("wakegate.scaler.calls"));
        Assert.Equal(["method=GetMetrics", "method=IsActive", "method=IsActive", "method=IsActive"], Tags(metrics.Lines("wakegate.scaler.call.duration")));
        Assert.Equal(["cause=active"], Tags(metrics.Lines("wakegate.scaler.edge.delay")));
        Assert.InRange(metrics.Sum("wakegate.scaler.edge.delay"), 0, 60);
        Assert.Equal([": 2"], metrics.Observe("wakegate.scaler.polled"));
        Assert.Equal([": 1"], metrics.Observe("wakegate.scaler.interceptors"));
        await Eventually.TrueAsync(() => metrics.Observe("wakegate.scaler.trusted") is [": 1"]);
        Assert.Single(metrics.Observe("wakegate.scaler.snapshot.age"));
        Assert.Equal(MetricsReference.Section("Scaler"), Described(metrics));
        await AssertExportedAsync(scaler);
    }

    [Fact(Timeout = 60_000)]
    public async Task DelayOfAnEdgeThatRedisDidNotGetForSeconds_BeginsWithTheRequest()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var proxy = new RedisProxy(redis.Address);
        await using var replica = await LedgerHost.StartWriterAsync(proxy.Address, "--Redis:CommandTimeout=500ms", "--Ledger:Lease=5m");
        await using var scaler = await ScalerApp.StartAsync(redis.Address);
        using var keda = new KedaPeer(scaler.Grpc);
        await using var stream = keda.Open(KedaPeer.Object("shop"));
        await stream.OpenedAsync();
        proxy.HoldAnswersTo("TIME");
        await Eventually.TrueAsync(() => proxy.Asked >= 1);
        var began = TimeProvider.System.GetTimestamp();
        replica.Track("shop").Enter();
        await Eventually.TrueAsync(() => proxy.Asked >= 4);
        var away = TimeProvider.System.GetElapsedTime(began).TotalSeconds;

        proxy.Release();
        await stream.PushedAsync();
        await Eventually.TrueAsync(() => scaler.Metrics.Lines("wakegate.scaler.edge.delay").Count == 1);

        // To within what an answer that took long says of the time.
        Assert.InRange(scaler.Metrics.Sum("wakegate.scaler.edge.delay"), away / 2, 60);
    }

    [Fact(Timeout = 60_000)]
    public async Task OpenRepeatedAndWaking_AreToldApart()
    {
        var clock = new FakeTimeProvider();
        await using var redis = await RedisServer.StartAsync();
        await using var replica = await LedgerHost.StartWriterAsync(redis.Address);
        await using var scaler = await ScalerApp.StartOnAsync(clock, redis.Address);
        using var keda = new KedaPeer(scaler.Grpc);
        var counts = replica.Track("shop");
        counts.Enter();
        await Eventually.TrueAsync(async () =>
        {
            // What was published before the scaler had subscribed it learns when it reads the next time.
            clock.Advance(TimeSpan.FromSeconds(1));
            return await keda.IsActiveAsync(KedaPeer.Object("shop")) == true;
        });
        await using var stream = keda.Open(KedaPeer.Object("shop"));
        await stream.PushedAsync();
        await Eventually.TrueAsync(() => scaler.Metrics.Sum("wakegate.scaler.pushes") == 1);
        clock.Advance(TimeSpan.FromSeconds(2));

        counts.SetHeld(1, 0);
        await stream.PushedAsync();
        await Eventually.TrueAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return stream.Trues >= 3;
        });
        await stream.DisposeAsync();
        await Eventually.TrueAsync(() => scaler.Metrics.Sum("wakegate.scaler.calls", ("method", "StreamIsActive")) == 1);

        Assert.Equal(["cause=open: 1", "cause=repeat: 1", "cause=waking: 1"], scaler.Metrics.Lines("wakegate.scaler.pushes").Distinct());
        Assert.Equal(["cause=waking"], Tags(scaler.Metrics.Lines("wakegate.scaler.edge.delay")));
        Assert.Equal(1, scaler.Metrics.Sum("wakegate.scaler.calls", ("method", "StreamIsActive"), ("code", "Cancelled")));
        Assert.Equal(0, scaler.Metrics.Sum("wakegate.scaler.streams", ("method", "StreamIsActive")));
    }

    [Fact]
    public void RouteThatIsPolledNoMore_IsForgottenAfterTenMinutes()
    {
        var clock = new FakeTimeProvider();
        var polled = new PolledRoutes(clock);
        polled.Note(LedgerHost.Route("shop"));
        clock.Advance(TimeSpan.FromMinutes(6));
        polled.Note(LedgerHost.Route("cart"));
        polled.Note(LedgerHost.Route("cart"));
        Assert.Equal(2, polled.Count());

        clock.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal(1, polled.Count());
    }

    /// <summary>What is scraped has no name that the docs do not know; and of the process exactly what they say.</summary>
    private static async Task AssertExportedAsync(ScalerApp scaler)
    {
        using var client = new HttpClient { BaseAddress = scaler.Admin };
        var page = await client.GetStringAsync("/metrics", Cancellation);
        var exported = page.Split('\n').Where(l => l.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(l => l.Split(' ')).Select(l => $"{l[3]} {l[2]}").ToList();
        var known = MetricsReference.Section("Scaler").Select(Unlabelled).ToHashSet();
        var ofProcess = MetricsReference.Section("Both: the process").Select(Unlabelled);

        // The replica runs in this process too, and tells of its ledger.
        Assert.Equal(ofProcess.Order(), exported.Where(e => !e.Contains(" wakegate_", StringComparison.Ordinal)).Order());
        Assert.All(exported.Where(e => e.Contains(" wakegate_scaler_", StringComparison.Ordinal)), e => Assert.Contains(e, known));
    }

    private static IEnumerable<string> Described(HostMetrics metrics)
    {
        var labels = metrics.All().ToLookup(m => m.Name, m => m.Tags.Select(t => t.Key));
        return metrics.Instruments.Where(i => i.Name.StartsWith("wakegate.", StringComparison.Ordinal))
            .Select(i => MetricsReference.Describe(i, labels[i.Name].SelectMany(l => l).Distinct())).Order();
    }

    private static IEnumerable<string> Tags(IEnumerable<string> lines) => lines.Select(l => l[..l.LastIndexOf(':')]);

    private static string Unlabelled(string metric) => metric[..metric.IndexOf('{', StringComparison.Ordinal)];
}
