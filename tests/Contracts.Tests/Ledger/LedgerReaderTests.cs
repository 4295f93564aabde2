using StackExchange.Redis;
using Wakegate.Contracts.Ledger;
using Wakegate.Testing;
using Wakegate.Testing.Ledger;
using Wakegate.Testing.Redis;

namespace Wakegate.Contracts.Tests.Ledger;

public class LedgerReaderTests
{
    public static TheoryData<RedisKind> Kinds => RedisKinds.All;

    [Theory(Timeout = 60_000), MemberData(nameof(Kinds))]
    public async Task KilledReplica_TakesItsCountsWithItsLeaseAndNothingElse(RedisKind kind)
    {
        await using var redis = await RedisServer.StartAsync(kind);
        await using var first = await LedgerHost.StartWriterAsync(redis.Address);
        await using var second = await LedgerHost.StartWriterAsync(redis.Address, "--Ledger:Lease=1m");
        await using var scaler = await LedgerHost.StartReaderAsync(redis.Address);
        Enter(first, "shop", 3);
        Enter(second, "shop", 4);
        Enter(second, "cart", 1);
        await Eventually.TrueAsync(() => Pending(scaler, "shop") == 7 && Pending(scaler, "cart") == 1 && scaler.Reader.LiveReplicas == 2);

        await first.CrashAsync();
        List<(int Shop, int Cart)> seen = [(7, 1)];
        await Eventually.TrueAsync(() =>
        {
            seen.Add((Pending(scaler, "shop"), Pending(scaler, "cart")));
            return seen[^1].Shop == 4;
        });

        Assert.Equal([(7, 1), (4, 1)], seen.Distinct());
        await Eventually.TrueAsync(() => scaler.Reader.LiveReplicas == 1);
    }

    [Theory(Timeout = 60_000), MemberData(nameof(Kinds))]
    public async Task ReaderThatComesLater_FindsEverything(RedisKind kind)
    {
        await using var redis = await RedisServer.StartAsync(kind);
        await using var replica = await LedgerHost.StartWriterAsync(redis.Address);
        await using var before = await LedgerHost.StartReaderAsync(redis.Address);
        Enter(replica, "shop", 3);
        await Eventually.TrueAsync(() => Pending(before, "shop") == 3);

        await using var scaler = await LedgerHost.StartReaderAsync(redis.Address);

        // Redis has been tried by now, which may have failed.
        await Eventually.TrueAsync(() => Pending(scaler, "shop") == 3);
        Assert.Equal(0, Pending(scaler, "cart"));
        await Eventually.TrueAsync(() => scaler.Reader.Trust.Trusted);
    }

    [Theory(Timeout = 60_000), MemberData(nameof(Kinds))]
    public async Task EdgesReachAWatcher_ByMessage(RedisKind kind)
    {
        await using var redis = await RedisServer.StartAsync(kind);
        await using var replica = await LedgerHost.StartWriterAsync(redis.Address);
        await using var scaler = await LedgerHost.StartReaderAsync(redis.Address, "--Ledger:Reread=50s", "--Ledger:MaxStaleness=60s", "--Ledger:Lease=1m");
        var edge = new TaskCompletionSource<RouteEdge>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watch = scaler.Reader.Watch(LedgerHost.Route("shop"), edge.SetResult);

        Enter(replica, "shop", 1);

        Assert.Equal(TimeSpan.MaxValue, (await edge.Task).Quiet);
        Assert.Equal(1, watch.Account.Pending);
    }

    [Theory(Timeout = 60_000), MemberData(nameof(Kinds))]
    public async Task RedisFlushed_IsNotTrustedUntilEveryReplicaIsBack(RedisKind kind)
    {
        await using var redis = await RedisServer.StartAsync(kind);
        await using var replica = await LedgerHost.StartWriterAsync(redis.Address);
        await using var scaler = await LedgerHost.StartReaderAsync(redis.Address);
        Enter(replica, "shop", 3);
        await Eventually.TrueAsync(() => scaler.Reader.Trust.Trusted && Pending(scaler, "shop") == 3);

        await redis.FlushAsync();

        await NeverTrustedWithoutAsync(scaler, 3, until: LedgerDoubt.NewIdentity);
        await NeverTrustedWithoutAsync(scaler, 3, until: LedgerDoubt.None);
    }

    [Theory(Timeout = 60_000), MemberData(nameof(Kinds))]
    public async Task RedisRestartedEmpty_IsNotTrustedUntilEveryReplicaIsBack(RedisKind kind)
    {
        await using var redis = await RedisServer.StartAsync(kind);
        await using var replica = await LedgerHost.StartWriterAsync(redis.Address);
        await using var scaler = await LedgerHost.StartReaderAsync(redis.Address);
        Enter(replica, "shop", 3);
        await Eventually.TrueAsync(() => scaler.Reader.Trust.Trusted && Pending(scaler, "shop") == 3);

        await redis.KillAsync();
        await NeverTrustedWithoutAsync(scaler, 3, until: LedgerDoubt.Stale);
        await redis.RestartAsync();

        await NeverTrustedWithoutAsync(scaler, 3, until: LedgerDoubt.None);
    }

    [Theory(Timeout = 120_000), MemberData(nameof(Kinds))]
    public async Task RedisStalledBeyondEveryLease_IsNotTrustedUntilEveryReplicaIsBack(RedisKind kind)
    {
        await using var redis = await RedisServer.StartAsync(kind);
        await using var first = await LedgerHost.StartWriterAsync(redis.Address, "--Ledger:Lease=10s");
        await using var second = await LedgerHost.StartWriterAsync(redis.Address, "--Ledger:Lease=10s");
        await using var scaler = await LedgerHost.StartReaderAsync(redis.Address, "--Ledger:Lease=10s");
        Enter(first, "shop", 3);
        Enter(second, "shop", 4);
        await Eventually.TrueAsync(() => scaler.Reader.Trust.Trusted && Pending(scaler, "shop") == 7);

        await redis.StallAsync();
        await NeverTrustedWithoutAsync(scaler, 7, until: LedgerDoubt.Stale);
        await Eventually.TrueAsync(() => scaler.Reader.Age > TimeSpan.FromSeconds(12));
        await redis.ResumeAsync();

        await NeverTrustedWithoutAsync(scaler, 7, until: LedgerDoubt.None);
    }

    [Fact(Timeout = 60_000)]
    public async Task NoInterceptor_IsNotTrusted()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var scaler = await LedgerHost.StartReaderAsync(redis.Address);

        await Eventually.TrueAsync(() => scaler.Reader.Trust.Doubt == LedgerDoubt.NoInterceptor);
    }

    [Fact(Timeout = 60_000)]
    public async Task RedisThatComesLater_IsReadAndListenedTo()
    {
        await using var redis = await RedisServer.StartForFaultsAsync();
        await redis.KillAsync();
        await using var scaler = await LedgerHost.StartReaderAsync(redis.Address, "--Ledger:Heartbeat=5s", "--Ledger:Lease=1m", "--Ledger:Reread=20s", "--Ledger:MaxStaleness=1m");
        var before = scaler.Reader.Trust.Doubt;

        await redis.RestartAsync();
        await Eventually.TrueAsync(() => scaler.Reader.Age is not null);
        await using var replica = await LedgerHost.StartWriterAsync(redis.Address);
        Enter(replica, "shop", 1);

        Assert.Equal(LedgerDoubt.NeverRead, before);
        await Eventually.TrueAsync(() => Pending(scaler, "shop") == 1);
    }

    [Fact(Timeout = 60_000)]
    public async Task MessageLost_IsMadeUpForByTheNextRead()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replica = await LedgerHost.StartWriterAsync(redis.Address);
        await using var scaler = await LedgerHost.StartReaderAsync(redis.Address);
        await using var client = await ConnectionMultiplexer.ConnectAsync($"{redis.Address},allowAdmin=true");
        Enter(replica, "shop", 1);
        await Eventually.TrueAsync(() => Pending(scaler, "shop") == 1);

        await client.GetServers()[0].ClientKillAsync(new ClientKillFilter().WithClientType(ClientType.PubSub));
        Enter(replica, "shop", 1);

        await Eventually.TrueAsync(() => Pending(scaler, "shop") == 2);
    }

    private static void Enter(LedgerHost replica, string route, int requests)
    {
        for (var request = 0; request < requests; request++)
            replica.Track(route).Enter();
    }

    private static int Pending(LedgerHost scaler, string route) => scaler.Reader.Find(LedgerHost.Route(route)).Pending;

    // Trust is asked before and after: what is read between two moments of trust was trusted.
    private static Task NeverTrustedWithoutAsync(LedgerHost scaler, int pending, LedgerDoubt until) => Eventually.TrueAsync(() =>
    {
        var before = scaler.Reader.Trust;
        var shown = Pending(scaler, "shop");
        var after = scaler.Reader.Trust;
        Assert.False(before.Trusted && after.Trusted && shown != pending, $"Trusted with {shown} pending.");
        return after.Doubt == until;
    });
}
