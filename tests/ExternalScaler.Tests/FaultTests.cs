using Grpc.Core;
using Wakegate.Contracts.Ledger;
using Wakegate.Testing;
using Wakegate.Testing.Ledger;
using Wakegate.Testing.Redis;

namespace Wakegate.ExternalScaler.Tests;

/// <summary>
/// What happens to Redis, or to an interceptor, must not scale anything down: while three requests are pending, every read says so or fails.
/// </summary>
public class FaultTests
{
    private const string Metric = "wakegate-pending-requests";

    [Fact(Timeout = 60_000)]
    public async Task RedisFlushed_NeverReadsAsZero()
    {
        await using var system = await FaultySystem.StartAsync();

        // Begun before: the doubt lasts no longer than a lease.
        var doubted = system.NeverZeroUntilAsync(StatusCode.Unavailable);
        await system.Redis.FlushAsync();
        await doubted;

        await system.NeverZeroUntilAsync(StatusCode.OK);
    }

    [Fact(Timeout = 60_000)]
    public async Task RedisRestartedEmpty_NeverReadsAsZero()
    {
        await using var system = await FaultySystem.StartAsync();

        var doubted = system.NeverZeroUntilAsync(StatusCode.Unavailable);
        await system.Redis.RestartAsync();
        await doubted;

        await system.NeverZeroUntilAsync(StatusCode.OK);
    }

    [Fact(Timeout = 60_000)]
    public async Task RedisStalled_NeverReadsAsZero()
    {
        await using var system = await FaultySystem.StartAsync();

        await system.Redis.StallAsync();
        await system.NeverZeroUntilAsync(StatusCode.Unavailable);
        await system.Redis.ResumeAsync();

        await system.NeverZeroUntilAsync(StatusCode.OK);
    }

    [Fact(Timeout = 60_000)]
    public async Task RedisGone_NeverReadsAsZeroAndStreamsStayOpen()
    {
        await using var system = await FaultySystem.StartAsync();
        await using var stream = system.Keda.Open(KedaPeer.Object("cart"));

        await system.Redis.KillAsync();
        await system.NeverZeroUntilAsync(StatusCode.Unavailable);
        await system.Redis.RestartAsync();
        await system.NeverZeroUntilAsync(StatusCode.OK);

        Assert.False(stream.Ended.IsCompleted);
        system.Replica.Track("cart").Enter();
        await stream.PushedAsync();
        Assert.Equal(0, stream.Falses);
    }

    /// <summary>Short requests are between two writes: what Redis last had of the route says 0, and that it was used a moment before.</summary>
    [Fact(Timeout = 60_000)]
    public async Task RedisGone_NeverMakesARouteIdleThatIsInUse()
    {
        await using var system = await FaultySystem.StartAsync();
        var cart = KedaPeer.Object("cart", ("activityWindow", "2s"));
        system.Replica.Track("cart").Enter();
        system.Replica.Track("cart").Leave();
        await Eventually.TrueAsync(async () => await system.Keda.IsActiveAsync(cart) == true);

        var answered = Eventually.TrueAsync(async () =>
        {
            system.Replica.Track("cart").Enter();
            system.Replica.Track("cart").Leave();
            var active = await system.Keda.IsActiveAsync(cart);
            Assert.NotEqual(false, active);
            return active is null;
        });
        await system.Redis.KillAsync();
        await answered;
    }

    [Fact(Timeout = 60_000)]
    public async Task ScalerBackBeforeTheInterceptors_NeverReadsAsZero()
    {
        await using var redis = await RedisServer.StartForFaultsAsync();
        await using var scaler = await ScalerApp.StartAsync(redis.Address);
        using var keda = new KedaPeer(scaler.Grpc);
        await Eventually.TrueAsync(() => scaler.Ledger.Trust.Doubt == LedgerDoubt.NoInterceptor);
        var alone = await KedaPeer.RefusalAsync(async () => await keda.Client.IsActiveAsync(KedaPeer.Object("shop")));

        await using var stream = keda.Open(KedaPeer.Object("shop"));
        await using var replica = await LedgerHost.StartWriterAsync(redis.Address);
        replica.Track("shop").Enter();
        await stream.PushedAsync();

        Assert.Equal(StatusCode.Unavailable, alone?.StatusCode);
        Assert.Contains("No interceptor has reported", alone?.Detail, StringComparison.Ordinal);
        Assert.True(await keda.IsActiveAsync(KedaPeer.Object("shop")));
    }

    [Fact(Timeout = 60_000)]
    public async Task RedisEmptyAndTheInterceptorDead_NeverReadsAsZero()
    {
        await using var system = await FaultySystem.StartAsync();

        await system.Replica.CrashAsync();
        await system.Redis.RestartAsync();
        await system.NeverZeroUntilAsync(StatusCode.Unavailable);
        await system.NeverZeroUntilAsync(() => system.Pending == 0);

        await system.NeverZeroUntilAsync(StatusCode.Unavailable);
    }

    [Fact(Timeout = 60_000)]
    public async Task DoubtedLedger_StillPushesAndAnswersTrue()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replica = await LedgerHost.StartWriterAsync(redis.Address, "--Ledger:Lease=10m");
        await using var scaler = await ScalerApp.StartAsync(redis.Address, "--Ledger:Lease=10m");
        using var keda = new KedaPeer(scaler.Grpc);
        await using var stream = keda.Open(KedaPeer.Object("cart"));
        await Eventually.TrueAsync(() => scaler.Ledger.Trust.Doubt == LedgerDoubt.NewIdentity);

        replica.Track("cart").Enter();
        await stream.PushedAsync();
        var active = await keda.IsActiveAsync(KedaPeer.Object("cart"));
        var idle = await KedaPeer.RefusalAsync(async () => await keda.Client.IsActiveAsync(KedaPeer.Object("idle")));
        var metric = await KedaPeer.RefusalAsync(() => keda.MetricAsync(KedaPeer.Object("cart"), Metric));

        Assert.True(active);
        Assert.Equal((StatusCode.Unavailable, StatusCode.Unavailable), (idle?.StatusCode, metric?.StatusCode));
        Assert.Contains("Redis was emptied or replaced a moment ago", idle?.Detail, StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task KilledInterceptor_TakesItsCountsWithItsLease()
    {
        await using var system = await FaultySystem.StartAsync("--Ledger:Lease=10s");
        await using var other = await LedgerHost.StartWriterAsync(system.Redis.Address);
        other.Track("shop").Enter();
        await Eventually.TrueAsync(() => system.Pending == 4);

        await other.CrashAsync();

        await system.NeverZeroUntilAsync(() => system.Pending == 3);
        await system.NeverZeroUntilAsync(StatusCode.OK);
    }

    [Fact(Timeout = 60_000)]
    public async Task InterceptorThatStops_TakesItsCountsLongBeforeItsLeaseEnds()
    {
        await using var system = await FaultySystem.StartAsync();
        await using var other = await LedgerHost.StartWriterAsync(system.Redis.Address, "--Ledger:Lease=10m");
        other.Track("shop").Enter();
        await Eventually.TrueAsync(() => system.Pending == 4);

        await other.StopAsync();

        await system.NeverZeroUntilAsync(() => system.Pending == 3);
    }
}
