using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using Wakegate.Testing;
using Wakegate.Testing.Ledger;
using Wakegate.Testing.Redis;

namespace Wakegate.ExternalScaler.Tests;

/// <summary>StreamIsActive: what wakes a workload.</summary>
public class PushTests
{
    [Fact(Timeout = 60_000)]
    public async Task ActiveRoute_IsToldAsTheStreamOpens()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replica = await LedgerHost.StartWriterAsync(redis.Address);
        await using var scaler = await ScalerApp.StartAsync(redis.Address);
        using var keda = new KedaPeer(scaler.Grpc);
        replica.Track("shop").Enter();
        await Eventually.TrueAsync(async () => await keda.IsActiveAsync(KedaPeer.Object("shop")) == true);

        await using var stream = keda.Open(KedaPeer.Object("shop"));
        await using var other = keda.Open(KedaPeer.Object("cart"));
        await stream.PushedAsync();

        Assert.Equal((1, 0, 0, 0), (stream.Trues, stream.Falses, other.Trues, other.Falses));
    }

    /// <summary>KEDA opens all streams anew when a scaler is replaced, and each true costs it a write.</summary>
    [Fact(Timeout = 60_000)]
    public async Task ManyActiveRoutes_AreToldInTurnAsTheirStreamsOpenAndOneThatWaitsForAPodAtOnce()
    {
        var clock = new FakeTimeProvider();
        await using var redis = await RedisServer.StartAsync();
        await using var replica = await LedgerHost.StartWriterAsync(redis.Address);
        await using var scaler = await ScalerApp.StartOnAsync(clock, redis.Address);
        using var keda = new KedaPeer(scaler.Grpc);
        var names = Enumerable.Range(0, 12).Select(i => $"shop-{i}").ToList();
        names.ForEach(name => replica.Track(name).Enter());
        replica.Track("cart").Enter();
        replica.Track("cart").SetHeld(1, 0);
        await AdvanceUntilAsync(clock, TimeSpan.FromSeconds(10), () => scaler.Ledger.Busy.Count() == 13 && scaler.Ledger.Find(LedgerHost.Route("cart")).Waking == 1);
        var opened = clock.GetTimestamp();
        var streams = names.ConvertAll(name => keda.Open(KedaPeer.Object(name)));
        await Task.WhenAll(streams.Select(stream => stream.OpenedAsync()));

        await using var cart = keda.Open(KedaPeer.Object("cart"));
        await cart.PushedAsync();
        var atOnce = streams.Sum(stream => stream.Trues);
        await AdvanceUntilAsync(clock, TimeSpan.FromMilliseconds(500), () => streams.TrueForAll(stream => stream.Trues == 1));

        Assert.InRange(atOnce, 0, 1);
        Assert.InRange(clock.GetElapsedTime(opened), TimeSpan.FromSeconds(11 * 0.25), TimeSpan.FromMinutes(5));
        foreach (var stream in streams)
            await stream.DisposeAsync();
    }

    [Fact(Timeout = 60_000)]
    public async Task FirstRequest_IsToldAtOnceToEveryStreamOfItsRoute()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replica = await LedgerHost.StartWriterAsync(redis.Address);
        await using var scaler = await ScalerApp.StartAsync(redis.Address);
        using var keda = new KedaPeer(scaler.Grpc);
        await using var old = keda.Open(KedaPeer.Object("shop"));
        await using var young = keda.Open(KedaPeer.Object("shop"));
        await Task.WhenAll(old.OpenedAsync(), young.OpenedAsync());

        replica.Track("shop").Enter();

        await Task.WhenAll(old.PushedAsync(), young.PushedAsync());
        Assert.Equal((1, 1), (old.Trues, young.Trues));
    }

    [Fact(Timeout = 60_000)]
    public async Task BadMetadata_IsPushedAllTheSame()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replica = await LedgerHost.StartWriterAsync(redis.Address);
        await using var scaler = await ScalerApp.StartAsync(redis.Address);
        using var keda = new KedaPeer(scaler.Grpc);
        await using var stream = keda.Open(KedaPeer.Object("shop", ("activityWindow", "soon"), ("route", "Not A Name")));

        replica.Track("shop").Enter();

        await stream.PushedAsync();
    }

    [Fact(Timeout = 60_000)]
    public async Task RequestThatWaitsForAPod_IsToldAgainUntilItNoLongerDoes()
    {
        var clock = new FakeTimeProvider();
        await using var redis = await RedisServer.StartAsync();
        await using var replica = await LedgerHost.StartWriterAsync(redis.Address);
        await using var scaler = await ScalerApp.StartOnAsync(clock, redis.Address);
        using var keda = new KedaPeer(scaler.Grpc);
        await using var stream = keda.Open(KedaPeer.Object("shop"));
        var counts = replica.Track("shop");
        counts.Enter();
        await stream.PushedAsync();
        counts.SetHeld(1, 0);
        await Eventually.TrueAsync(() => scaler.Ledger.Find(LedgerHost.Route("shop")).Waking == 1);

        // It waited too soon after it was pending to be told at once, so it is told when a second is over. What has arrived may be behind that.
        double Told() => scaler.Metrics.Sum("wakegate.scaler.pushes");
        await AdvanceUntilAsync(clock, TimeSpan.FromSeconds(1), () => Told() >= 2);
        await AdvanceUntilAsync(clock, TimeSpan.FromSeconds(5), () => Told() >= 3);
        await AdvanceUntilAsync(clock, TimeSpan.FromSeconds(5), () => Told() >= 4);
        counts.SetHeld(0, 0);
        await Eventually.TrueAsync(() => scaler.Ledger.Find(LedgerHost.Route("shop")).Waking == 0);
        clock.Advance(TimeSpan.FromSeconds(60));
        await keda.Client.GetMetricSpecAsync(KedaPeer.Object("shop"), cancellationToken: TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => stream.Trues >= Told());

        Assert.Equal((4, 0), (stream.Trues, stream.Falses));
    }

    /// <summary>What is told a second after a route became active, since a request waits, is a repeat like the later ones: each costs KEDA a write.</summary>
    [Fact(Timeout = 60_000)]
    public async Task ManyRoutesThatWakeAtOnce_AreToldAgainAtFourASecond()
    {
        var clock = new FakeTimeProvider();
        await using var redis = await RedisServer.StartAsync();
        await using var replica = await LedgerHost.StartWriterAsync(redis.Address);
        await using var scaler = await ScalerApp.StartOnAsync(clock, redis.Address);
        using var keda = new KedaPeer(scaler.Grpc);
        var names = Enumerable.Range(0, 12).Select(i => $"shop-{i}").ToList();
        var streams = names.ConvertAll(name => keda.Open(KedaPeer.Object(name)));
        await Task.WhenAll(streams.Select(stream => stream.OpenedAsync()));
        names.ForEach(name => replica.Track(name).Enter());
        await Task.WhenAll(streams.Select(stream => stream.PushedAsync()));
        names.ForEach(name => replica.Track(name).SetHeld(1, 0));
        await Eventually.TrueAsync(() => names.TrueForAll(name => scaler.Ledger.Find(LedgerHost.Route(name)).Waking == 1));
        var woken = clock.GetTimestamp();

        await AdvanceUntilAsync(clock, TimeSpan.FromMilliseconds(500), () => scaler.Metrics.Sum("wakegate.scaler.pushes", ("cause", "repeat")) >= 12);

        Assert.InRange(clock.GetElapsedTime(woken), TimeSpan.FromSeconds(1 + (11 * 0.25)), TimeSpan.FromMinutes(5));
        foreach (var stream in streams)
            await stream.DisposeAsync();
    }

    [Fact(Timeout = 60_000)]
    public async Task RequestThatBeginsToWaitOnAnActiveRoute_IsToldAtOnce()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replica = await LedgerHost.StartWriterAsync(redis.Address);
        await using var scaler = await ScalerApp.StartAsync(redis.Address);
        using var keda = new KedaPeer(scaler.Grpc);
        await using var stream = keda.Open(KedaPeer.Object("shop", ("activityWindow", "1h")));
        replica.Track("shop").Enter();
        await stream.PushedAsync();

        replica.Track("shop").SetHeld(1, 0);

        await stream.PushedAsync();
        Assert.Equal((2, 0), (stream.Trues, stream.Falses));
    }

    [Fact(Timeout = 60_000)]
    public async Task RouteThatGoesIdle_IsNeverToldSo()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replica = await LedgerHost.StartWriterAsync(redis.Address);
        await using var scaler = await ScalerApp.StartAsync(redis.Address);
        using var keda = new KedaPeer(scaler.Grpc);
        var shop = KedaPeer.Object("shop", ("activityWindow", "1s"));
        await Eventually.TrueAsync(() => scaler.Ledger.Trust.Trusted);
        await using var stream = keda.Open(shop);
        replica.Track("shop").Enter();
        await stream.PushedAsync();
        replica.Track("shop").Leave();
        await Eventually.TrueAsync(async () => await keda.IsActiveAsync(shop) == false);

        replica.Track("shop").Enter();

        await stream.PushedAsync();
        Assert.Equal((2, 0), (stream.Trues, stream.Falses));
    }

    [Fact(Timeout = 60_000)]
    public async Task StreamThatKedaCloses_EndsAndLeavesTheOtherOpen()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replica = await LedgerHost.StartWriterAsync(redis.Address);
        await using var scaler = await ScalerApp.StartAsync(redis.Address);
        using var keda = new KedaPeer(scaler.Grpc);
        var old = keda.Open(KedaPeer.Object("shop"));
        await using var young = keda.Open(KedaPeer.Object("shop"));

        await old.DisposeAsync();
        replica.Track("shop").Enter();
        await young.PushedAsync();

        Assert.Equal(StatusCode.Cancelled, await old.Ended);
        Assert.Equal(0, old.Trues);
        await Eventually.TrueAsync(() => scaler.Metrics.Sum("wakegate.scaler.streams") == 1);
    }

    [Fact(Timeout = 60_000)]
    public async Task StoppedScaler_EndsStreamsWithOk()
    {
        await using var scaler = await ScalerApp.StartAsync("127.0.0.1:1");
        using var keda = new KedaPeer(scaler.Grpc);
        var streams = Enumerable.Range(0, 20).Select(i => keda.Open(KedaPeer.Object($"shop-{i}"))).ToList();
        await Task.WhenAll(streams.Select(stream => stream.OpenedAsync()));

        await scaler.StopAsync();

        Assert.All(await Task.WhenAll(streams.Select(stream => stream.Ended)), status => Assert.Equal(StatusCode.OK, status));
    }

    [Fact(Timeout = 120_000)]
    public async Task ThousandStreamsOnOneConnection_LeaveRoomForCallsAndEdges()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replica = await LedgerHost.StartWriterAsync(redis.Address);
        await using var scaler = await ScalerApp.StartAsync(redis.Address);
        using var keda = new KedaPeer(scaler.Grpc);
        var objects = Enumerable.Range(0, 1_000).Select(i => KedaPeer.Object($"shop-{i}")).ToList();
        await Eventually.TrueAsync(() => scaler.Ledger.Trust.Trusted);

        var streams = objects.Select(keda.Open).ToList();
        var specs = objects.Select(o => keda.Client.StreamMetricSpec(o, cancellationToken: TestContext.Current.CancellationToken)).ToList();
        await Task.WhenAll(streams.Select(stream => stream.OpenedAsync()));
        await Task.WhenAll(specs.Select(spec => spec.ResponseHeadersAsync));
        await Task.WhenAll(objects.Select(async o => Assert.NotEqual(true, await keda.IsActiveAsync(o))));
        for (var i = 0; i < 1_000; i += 100)
            replica.Track($"shop-{i}").Enter();

        for (var i = 0; i < 1_000; i += 100)
            await streams[i].PushedAsync();
        Assert.Equal(10, streams.Sum(stream => stream.Trues));
        Assert.Equal(0, streams.Sum(stream => stream.Falses));
        Assert.Equal(1, keda.Connections);
        specs.ForEach(spec => spec.Dispose());
        foreach (var stream in streams)
            await stream.DisposeAsync();
    }

    private static async Task AdvanceUntilAsync(FakeTimeProvider clock, TimeSpan step, Func<bool> told)
    {
        // The scaler may still be on its way to its timer.
        await Eventually.TrueAsync(() =>
        {
            clock.Advance(step / 10);
            return told();
        });
    }
}
