using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using Wakegate.Testing;
using Wakegate.Testing.Ledger;
using Wakegate.Testing.Redis;

namespace Wakegate.Contracts.Tests.Ledger;

public class LedgerWriterTests
{
    public static TheoryData<RedisKind> Kinds => RedisKinds.All;

    [Theory(Timeout = 60_000), MemberData(nameof(Kinds))]
    public async Task FirstRequest_IsPublishedAndWritten(RedisKind kind)
    {
        await using var redis = await RedisServer.StartAsync(kind);
        await using var look = await RedisLook.StartAsync(redis.Address);
        await using var replica = await LedgerHost.StartWriterAsync(redis.Address, "--Ledger:Lease=1m");

        replica.Track("shop").Enter();

        var message = await look.MessageAsync(m => m.Changes.Count > 0);
        var record = await look.RecordAsync(replica, "shop");
        Assert.Equal(replica.Writer.ReplicaId, message.Replica);
        Assert.Equal(("store/shop/shop", 1), (message.Changes[0].Route, message.Changes[0].Record.Pending));
        Assert.Equal((1, 0, 0, 1L), (record?.InFlight, record?.Waking, record?.Queued, record?.Requests));
        Assert.InRange(await look.LeaseAsync(replica), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
    }

    [Theory(Timeout = 60_000), MemberData(nameof(Kinds))]
    public async Task ChangeThatIsNoEdge_NeedsNoHeartbeatToBeWritten(RedisKind kind)
    {
        await using var redis = await RedisServer.StartAsync(kind);
        await using var look = await RedisLook.StartAsync(redis.Address);
        await using var replica = await LedgerHost.StartWriterAsync(redis.Address, "--Ledger:Heartbeat=1h", "--Ledger:Lease=5h");
        var counts = replica.Track("shop");

        for (var pending = 1; pending <= 3; pending++)
        {
            counts.Enter();
            await Eventually.TrueAsync(async () => (await look.RecordAsync(replica, "shop"))?.Pending == pending);
        }

        counts.Leave();

        await Eventually.TrueAsync(async () => (await look.RecordAsync(replica, "shop"))?.Pending == 2);
    }

    [Fact(Timeout = 60_000)]
    public async Task RequestThatBeganToWaitWhileRedisWasAway_IsKnownToBeInTheLedgerOnceItIs()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var proxy = new RedisProxy(redis.Address);
        await using var look = await RedisLook.StartAsync(redis.Address);
        await using var replica = await LedgerHost.StartWriterAsync(
            proxy.Address, "--Redis:CommandTimeout=200ms", "--Ledger:Heartbeat=200ms", "--Ledger:Lease=5m");
        proxy.HoldAnswersTo("TIME");
        await Eventually.TrueAsync(() => proxy.Asked >= 1);
        var counts = replica.Track("shop");
        counts.Enter();
        counts.SetHeld(1, 0);
        var asked = proxy.Asked;
        await Eventually.TrueAsync(() => proxy.Asked >= asked + 2);

        proxy.Release();

        await Eventually.TrueAsync(async () => await look.RecordAsync(replica, "shop") is { Waking: 1 });
        await Eventually.TrueAsync(() => counts.WakingReported > 0);
    }

    [Fact(Timeout = 60_000)]
    public async Task StartOfAReplica_IsThatOfItsProcessNotOfItsFirstReport()
    {
        var clock = new FakeTimeProvider();
        await using var redis = await RedisServer.StartAsync();
        await using var proxy = new RedisProxy(redis.Address);
        await using var look = await RedisLook.StartAsync(redis.Address);
        proxy.HoldAnswersTo("TIME");
        await using var replica = await LedgerHost.StartUnconnectedWriterOnAsync(clock, proxy.Address);
        await Eventually.TrueAsync(() => proxy.Asked >= 1);

        // While Redis says what time it is: it is taken to have said so half-way.
        clock.Advance(TimeSpan.FromSeconds(180));
        proxy.Release();

        var header = (await look.MessageAsync(_ => true)).Header;
        var age = TimeProvider.System.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(header.Start);
        Assert.InRange(age, TimeSpan.FromSeconds(89), TimeSpan.FromSeconds(180));
    }

    [Theory(Timeout = 60_000), MemberData(nameof(Kinds))]
    public async Task StoppedReplica_TakesItsCountsWithIt(RedisKind kind)
    {
        await using var redis = await RedisServer.StartAsync(kind);
        await using var look = await RedisLook.StartAsync(redis.Address);
        await using var replica = await LedgerHost.StartWriterAsync(redis.Address);
        replica.Track("shop").Enter();
        await look.MessageAsync(m => m.Changes.Count > 0);

        await replica.StopAsync();

        await look.MessageAsync(m => m.Header.Lease == 0);
        Assert.False(await look.ExistsAsync(replica));
        Assert.Equal(0, await look.ListedAsync());
    }

    [Theory(Timeout = 60_000), MemberData(nameof(Kinds))]
    public async Task ReplicasThatComeAndGo_AreKnownToTheOthersInTheSameOrder(RedisKind kind)
    {
        await using var redis = await RedisServer.StartAsync(kind);
        await using var one = await LedgerHost.StartWriterAsync(redis.Address, "--Ledger:Lease=1m");
        var changes = 0;
        one.Writer.ReplicasChanged += (_, _) => Interlocked.Increment(ref changes);
        Assert.Equal([one.Writer.ReplicaId], one.Writer.Replicas);

        await using (var two = await LedgerHost.StartWriterAsync(redis.Address, "--Ledger:Lease=1m"))
        {
            await Eventually.TrueAsync(() => one.Writer.Replicas.Count == 2 && two.Writer.Replicas.Count == 2);
            Assert.Equal(one.Writer.Replicas, two.Writer.Replicas);
            Assert.Contains(two.Writer.ReplicaId, one.Writer.Replicas);
        }

        await Eventually.TrueAsync(() => one.Writer.Replicas.Count == 1 && Volatile.Read(ref changes) == 2);
    }

    [Theory(Timeout = 60_000), MemberData(nameof(Kinds))]
    public async Task FlushedRedis_HasAllCountsAgainWithTheNextWrite(RedisKind kind)
    {
        await using var redis = await RedisServer.StartAsync(kind);
        await using var look = await RedisLook.StartAsync(redis.Address);
        await using var replica = await LedgerHost.StartWriterAsync(redis.Address, "--Ledger:Heartbeat=1m", "--Ledger:Lease=5m");
        replica.Track("shop").Enter();
        await Eventually.TrueAsync(async () => await look.RecordAsync(replica, "shop") is not null);

        await redis.FlushAsync();
        replica.Track("cart").Enter();

        // That write finds the header gone, and all is written anew right after it.
        await Eventually.TrueAsync(async () => await look.RecordAsync(replica, "shop") is { Pending: 1 });
        Assert.Equal(1, (await look.RecordAsync(replica, "cart"))?.Pending);
        Assert.True(await look.LeaseAsync(replica) > TimeSpan.Zero);
        Assert.NotNull(await look.EpochAsync());
    }

    [Theory(Timeout = 60_000), MemberData(nameof(Kinds))]
    public async Task RedisRestartedEmpty_HasAllCountsAgain(RedisKind kind)
    {
        await using var redis = await RedisServer.StartAsync(kind);
        await using var replica = await LedgerHost.StartWriterAsync(redis.Address);
        var counts = replica.Track("shop");
        counts.Enter();

        await redis.KillAsync();
        await Eventually.TrueAsync(() => !replica.Writer.Connected);
        counts.Enter();
        await redis.RestartAsync();

        await using var look = await RedisLook.StartAsync(redis.Address);
        await Eventually.TrueAsync(async () => (await look.RecordAsync(replica, "shop"))?.Pending == 2);
        Assert.True(await look.LeaseAsync(replica) > TimeSpan.Zero);
    }

    [Theory(Timeout = 60_000), MemberData(nameof(Kinds))]
    public async Task StalledRedis_HasTheLatestCountsOnceItGoesOn(RedisKind kind)
    {
        await using var redis = await RedisServer.StartAsync(kind);
        await using var look = await RedisLook.StartAsync(redis.Address);
        await using var replica = await LedgerHost.StartWriterAsync(redis.Address, "--Redis:CommandTimeout=1s");
        var counts = replica.Track("shop");
        counts.Enter();
        await look.MessageAsync(m => m.Changes.Count > 0);

        await redis.StallAsync();
        counts.Enter();
        counts.Enter();
        await Eventually.TrueAsync(() => !replica.Writer.Connected);
        counts.Leave();
        await redis.ResumeAsync();

        await Eventually.TrueAsync(() => replica.Writer.Connected);
        await Eventually.TrueAsync(async () => await look.RecordAsync(replica, "shop") is { Pending: 2, Requests: 3 });
        Assert.True(await look.LeaseAsync(replica) > TimeSpan.Zero);
    }

    /// <summary>A change is taken with a heartbeat, whose first step is to ask for the time.</summary>
    [Fact(Timeout = 60_000)]
    public async Task HeartbeatThatFailsBeforeItWrites_LosesNoChange()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var proxy = new RedisProxy(redis.Address);
        await using var look = await RedisLook.StartAsync(redis.Address);
        await using var replica = await LedgerHost.StartWriterAsync(
            proxy.Address, "--Redis:CommandTimeout=200ms", "--Ledger:Heartbeat=200ms", "--Ledger:Lease=5m");
        proxy.HoldAnswersTo("TIME");
        await Eventually.TrueAsync(() => proxy.Asked >= 1);

        replica.Track("shop").Enter();
        var asked = proxy.Asked;
        await Eventually.TrueAsync(() => proxy.Asked >= asked + 2);
        proxy.Release();

        await Eventually.TrueAsync(() => replica.Writer.Connected);
        await Eventually.TrueAsync(async () => await look.RecordAsync(replica, "shop") is { Pending: 1, Requests: 1 });
    }

    [Fact(Timeout = 60_000)]
    public async Task RedisAway_NeitherDelaysTheStartNorTheStop()
    {
        await using var replica = await LedgerHost.StartUnconnectedWriterAsync("127.0.0.1:1");

        replica.Track("shop").Enter();
        await replica.StopAsync();

        Assert.False(replica.Writer.Connected);
    }

    [Fact(Timeout = 60_000)]
    public async Task RedisThatComesLater_GetsTheCounts()
    {
        await using var redis = await RedisServer.StartForFaultsAsync();
        await redis.KillAsync();
        await using var replica = await LedgerHost.StartUnconnectedWriterAsync(redis.Address);
        replica.Track("shop").Enter();

        await redis.RestartAsync();

        await using var look = await RedisLook.StartAsync(redis.Address);
        await Eventually.TrueAsync(async () => (await look.RecordAsync(replica, "shop"))?.Pending == 1);
    }

    [Fact(Timeout = 60_000)]
    public async Task ManyChanges_GoInFewWrites()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var look = await RedisLook.StartAsync(redis.Address);
        await using var replica = await LedgerHost.StartWriterAsync(redis.Address, "--Ledger:Lease=1m");
        var counts = replica.Track("shop");
        counts.Enter();
        await look.MessageAsync(m => m.Changes.Count > 0);
        var (before, started) = (await look.SequenceAsync(replica), TimeProvider.System.GetTimestamp());

        for (var request = 0; request < 100_000; request++)
        {
            counts.Enter();
            counts.Leave();
        }

        await Eventually.TrueAsync(async () => (await look.RecordAsync(replica, "shop"))?.Requests == 100_001);
        var batches = 2 + (TimeProvider.System.GetElapsedTime(started) / TimeSpan.FromMilliseconds(100));
        Assert.InRange(await look.SequenceAsync(replica) - before, 1, (long)batches * 2);
    }

    [Fact(Timeout = 60_000)]
    public async Task TrackedAgain_HasTheSameCounts()
    {
        await using var replica = await LedgerHost.StartUnconnectedWriterAsync("127.0.0.1:1");

        var counts = replica.Track("shop");
        replica.Writer.Untrack(LedgerHost.Route("shop"));

        Assert.Same(counts, replica.Track("shop"));
        Assert.NotSame(counts, replica.Track("cart"));
    }

    [Fact(Timeout = 60_000)]
    public async Task UntrackedRoute_IsReportedUntilItsLastRequestIsDone()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var look = await RedisLook.StartAsync(redis.Address);
        await using var replica = await LedgerHost.StartWriterAsync(redis.Address, "--Ledger:Lease=1m");
        var counts = replica.Track("shop");
        counts.Enter();
        await look.MessageAsync(m => m.Changes.Count > 0);

        replica.Writer.Untrack(LedgerHost.Route("shop"));
        var sequence = await look.SequenceAsync(replica);
        await Eventually.TrueAsync(async () => await look.SequenceAsync(replica) > sequence + 1);
        var pending = (await look.RecordAsync(replica, "shop"))?.Pending;
        counts.Leave();

        Assert.Equal(1, pending);
        await Eventually.TrueAsync(async () => await look.RecordAsync(replica, "shop") is null);
    }

    [Fact(Timeout = 60_000)]
    public async Task RouteIdleForItsWindow_LeavesAndComesBackWithItsTotals()
    {
        var clock = new FakeTimeProvider();
        await using var redis = await RedisServer.StartAsync();
        await using var look = await RedisLook.StartAsync(redis.Address);
        await using var replica = await LedgerHost.StartWriterOnAsync(clock, redis.Address, "--Ledger:Lease=5m");
        var counts = replica.Writer.Track(LedgerHost.Route("shop"), new() { TargetRequestRate = 5, RequestRateWindow = TimeSpan.FromSeconds(30) });
        counts.Enter();
        counts.Leave();
        await look.MessageAsync(m => m.Changes.Count > 0);

        var sequence = await look.SequenceAsync(replica);
        clock.Advance(TimeSpan.FromSeconds(28));
        await AdvanceUntilAsync(clock, TimeSpan.FromSeconds(1), look.MessageAsync(m => m.Header.Sequence > sequence));
        var during = await look.RecordAsync(replica, "shop");
        await AdvanceUntilAsync(
            clock, TimeSpan.FromSeconds(7), Eventually.TrueAsync(async () => await look.RecordAsync(replica, "shop") is null));
        counts.Enter();

        Assert.NotNull(during);
        await Eventually.TrueAsync(async () => await look.RecordAsync(replica, "shop") is { Pending: 1, Requests: 2 });
    }

    [Fact(Timeout = 60_000)]
    public async Task TenThousandIdleRoutes_CauseNothingButHeartbeats()
    {
        var clock = new FakeTimeProvider();
        await using var redis = await RedisServer.StartAsync(RedisKind.RedisServer);
        await using var look = await RedisLook.StartAsync(redis.Address);
        await using var replica = await LedgerHost.StartWriterOnAsync(clock, redis.Address, "--Ledger:Lease=5m");
        for (var route = 0; route < 10_000; route++)
        {
            var counts = replica.Track($"shop-{route.ToString(CultureInfo.InvariantCulture)}");
            counts.Enter();
            counts.Leave();
        }

        await AdvanceUntilAsync(clock, TimeSpan.FromSeconds(1), Eventually.TrueAsync(async () => await look.FieldsAsync(replica) == 10_001));
        await AdvanceUntilAsync(clock, TimeSpan.FromMinutes(1), Eventually.TrueAsync(async () => await look.FieldsAsync(replica) == 1));

        var (commands, sequence) = (await look.CommandsAsync(), await look.SequenceAsync(replica));
        var steps = 0;
        for (var beat = 1; beat <= 20; beat++)
            steps += await AdvanceUntilAsync(clock, TimeSpan.FromMilliseconds(500), look.MessageAsync(m => m.Header.Sequence == sequence + beat));

        // A heartbeat is TIME and a transaction of MULTI, eight commands and EXEC.
        Assert.InRange(await look.CommandsAsync() - commands, 20, (steps * 12) + 10);
        Assert.InRange(await look.SequenceAsync(replica) - sequence, 20, steps);
    }

    /// <summary>Returns after how many steps. One may come just before the writer sets its timer, which then counts from after it.</summary>
    private static async Task<int> AdvanceUntilAsync(FakeTimeProvider clock, TimeSpan step, Task done)
    {
        var steps = 0;
        do
        {
            clock.Advance(step);
            steps++;
        }
        while (await Task.WhenAny(done, Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System)) != done);

        await done;
        return steps;
    }
}
