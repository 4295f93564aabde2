using Grpc.Core;
using Wakegate.Contracts.Ledger;
using Wakegate.ExternalScaler.Protocol;
using Wakegate.Testing;
using Wakegate.Testing.Ledger;
using Wakegate.Testing.Redis;

namespace Wakegate.ExternalScaler.Tests;

/// <summary>IsActive and GetMetrics: what KEDA polls.</summary>
public class ReadTests
{
    private const string Pending = "wakegate-pending-requests";
    private const string Rate = "wakegate-request-rate";

    [Fact(Timeout = 60_000)]
    public async Task PendingRequests_AreSummedOverReplicas()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var first = await LedgerHost.StartWriterAsync(redis.Address);
        await using var second = await LedgerHost.StartWriterAsync(redis.Address);
        await using var scaler = await ScalerApp.StartAsync(redis.Address);
        using var keda = new KedaPeer(scaler.Grpc);
        var shop = KedaPeer.Object("shop");
        await TrustedAsync(scaler);

        first.Track("shop").Enter();
        second.Track("shop").Enter();
        second.Track("shop").Enter();
        await Eventually.TrueAsync(() => scaler.Ledger.Find(LedgerHost.Route("shop")).Pending == 3);

        var value = await KnownAsync(keda, shop, Pending);
        Assert.Equal((Pending, 3L, 3.0), (value.MetricName, value.MetricValue_, value.MetricValueFloat));
        Assert.True(await keda.IsActiveAsync(shop));
    }

    [Fact(Timeout = 60_000)]
    public async Task QuietRoute_IsInactiveAndZero()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replica = await LedgerHost.StartWriterAsync(redis.Address);
        await using var scaler = await ScalerApp.StartAsync(redis.Address);
        using var keda = new KedaPeer(scaler.Grpc);
        await TrustedAsync(scaler);

        var value = await KnownAsync(keda, KedaPeer.Object("shop"), Pending);

        Assert.Equal((0L, 0.0), (value.MetricValue_, value.MetricValueFloat));
        await InactiveAsync(keda, KedaPeer.Object("shop"));
    }

    [Fact(Timeout = 60_000)]
    public async Task RequestThatHasEnded_LeavesTheRouteActiveForItsWindowAndInTheMetrics()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var scaler = await ScalerApp.StartAsync(redis.Address);
        await Eventually.TrueAsync(() => scaler.Ledger.Trust.Doubt == LedgerDoubt.NoInterceptor);
        await using var replica = await LedgerHost.StartWriterAsync(redis.Address);
        using var keda = new KedaPeer(scaler.Grpc);
        var shop = KedaPeer.Object("shop", ("activityWindow", "10s"), ("targetRequestRate", "10"));
        await TrustedAsync(scaler);

        replica.Track("shop").Enter();
        replica.Track("shop").Leave();
        await Eventually.TrueAsync(async () => await keda.IsActiveAsync(shop) == true);
        var rate = await KnownAsync(keda, shop, Rate);

        Assert.True(rate.MetricValueFloat > 0);
        Assert.Equal(1, rate.MetricValue_);
        await InactiveAsync(keda, shop);
    }

    [Fact(Timeout = 60_000)]
    public async Task RequestsThatHaveEnded_AreInTheMetricForTheWindowThatIsSet()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replica = await LedgerHost.StartWriterAsync(redis.Address);
        await using var scaler = await ScalerApp.StartAsync(redis.Address, "--Scaler:AverageWindow=1h");
        await using var other = await ScalerApp.StartAsync(redis.Address, "--Scaler:AverageWindow=1s");
        using var keda = new KedaPeer(scaler.Grpc);
        using var otherKeda = new KedaPeer(other.Grpc);
        var shop = KedaPeer.Object("shop");
        await TrustedAsync(scaler);
        await TrustedAsync(other);
        for (var request = 0; request < 3; request++)
            replica.Track("shop").Enter();
        await Eventually.TrueAsync(() => PendingOn(scaler) == 3 && PendingOn(other) == 3);
        var during = await KnownAsync(keda, shop, Pending);

        for (var request = 0; request < 3; request++)
            replica.Track("shop").Leave();
        await Eventually.TrueAsync(() => PendingOn(scaler) == 0 && PendingOn(other) == 0);
        await Eventually.TrueAsync(async () => (await KnownAsync(otherKeda, shop, Pending)).MetricValueFloat == 0);
        var after = await KnownAsync(keda, shop, Pending);

        Assert.Equal((3L, 3.0), (during.MetricValue_, during.MetricValueFloat));
        Assert.True(after.MetricValueFloat is > 0 and < 3, $"{after}");
        Assert.Equal((long)Math.Ceiling(after.MetricValueFloat), after.MetricValue_);

        static int PendingOn(ScalerApp scaler) => scaler.Ledger.Find(LedgerHost.Route("shop")).Pending;
    }

    [Fact(Timeout = 60_000)]
    public async Task RouteOfATrigger_IsCountedApart()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replica = await LedgerHost.StartWriterAsync(redis.Address);
        await using var scaler = await ScalerApp.StartAsync(redis.Address);
        using var keda = new KedaPeer(scaler.Grpc);
        await TrustedAsync(scaler);

        replica.Writer.Track(new("store", "shop", "admin"), new()).Enter();
        await Eventually.TrueAsync(async () => await keda.IsActiveAsync(KedaPeer.Object("shop", ("route", "admin"))) == true);

        await InactiveAsync(keda, KedaPeer.Object("shop"));
    }

    [Fact(Timeout = 60_000)]
    public async Task UnknownMetric_IsRefusedWithTheNamesThereAre()
    {
        await using var scaler = await ScalerApp.StartAsync("127.0.0.1:1");
        using var keda = new KedaPeer(scaler.Grpc);

        var refusal = await KedaPeer.RefusalAsync(() => keda.MetricAsync(KedaPeer.Object("shop"), "s0-cpu"));

        Assert.Equal(
            new Status(StatusCode.InvalidArgument, "metricName \"s0-cpu\" is none of ours: ask for wakegate-pending-requests or wakegate-request-rate.").ToString(),
            Text(refusal));
    }

    [Fact(Timeout = 60_000)]
    public async Task BadMetadata_IsRefusedWithKeyValueAndRemedy()
    {
        await using var scaler = await ScalerApp.StartAsync("127.0.0.1:1");
        using var keda = new KedaPeer(scaler.Grpc);
        var shop = KedaPeer.Object("shop", ("activityWindow", "soon"), ("targetPendingRequests", "many"));

        var active = await KedaPeer.RefusalAsync(async () => await keda.Client.IsActiveAsync(shop));
        var metrics = await KedaPeer.RefusalAsync(() => keda.MetricAsync(shop, Pending));

        Assert.Equal(StatusCode.InvalidArgument, active?.StatusCode);
        Assert.Contains("targetPendingRequests \"many\"", active?.Detail, StringComparison.Ordinal);
        Assert.Contains("activityWindow \"soon\"", active?.Detail, StringComparison.Ordinal);
        Assert.Equal(Text(active), Text(metrics));
    }

    [Fact(Timeout = 60_000)]
    public async Task WhatOnlyTheInterceptorReads_IsNotRefusedHere()
    {
        await using var scaler = await ScalerApp.StartAsync("127.0.0.1:1");
        using var keda = new KedaPeer(scaler.Grpc);

        var refusal = await KedaPeer.RefusalAsync(async () => await keda.Client.IsActiveAsync(KedaPeer.Object("shop", ("port", "many"), ("holdTimeout", "never"))));

        Assert.Equal(StatusCode.Unavailable, refusal?.StatusCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task RedisAway_FailsReadsWithAReason()
    {
        await using var scaler = await ScalerApp.StartAsync("127.0.0.1:1");
        using var keda = new KedaPeer(scaler.Grpc);

        var active = await KedaPeer.RefusalAsync(async () => await keda.Client.IsActiveAsync(KedaPeer.Object("shop")));
        var metrics = await KedaPeer.RefusalAsync(() => keda.MetricAsync(KedaPeer.Object("shop"), Rate));

        Assert.Equal(StatusCode.Unavailable, active?.StatusCode);
        Assert.Equal(
            "The pending requests are not known, so nothing is scaled down. Redis has not answered since the scaler started: check Redis:ConnectionString and that Redis runs.",
            active?.Detail);
        Assert.Equal(Text(active), Text(metrics));
    }

    // On a slow machine trust may lapse for a moment after it was seen.
    private static async Task<MetricValue> KnownAsync(KedaPeer keda, ScaledObjectRef scaledObject, string metric)
    {
        MetricValue? value = null;
        await Eventually.TrueAsync(async () => await KedaPeer.RefusalAsync(async () => value = await keda.MetricAsync(scaledObject, metric)) is null);
        return value!;
    }

    private static Task InactiveAsync(KedaPeer keda, ScaledObjectRef scaledObject) =>
        Eventually.TrueAsync(async () => await keda.IsActiveAsync(scaledObject) == false);

    private static Task TrustedAsync(ScalerApp scaler) => Eventually.TrueAsync(() => scaler.Ledger.Trust.Trusted);

    private static string? Text(Status? status) => status is { } known ? new Status(known.StatusCode, known.Detail).ToString() : null;
}
