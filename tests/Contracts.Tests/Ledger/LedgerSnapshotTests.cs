using Microsoft.Extensions.Time.Testing;
using Wakegate.Contracts.Ledger;

namespace Wakegate.Contracts.Tests.Ledger;

/// <summary>How messages and full reads become one picture. The clock stands in for Redis's.</summary>
public class LedgerSnapshotTests
{
    private const string Shop = "store/shop/shop";

    // Not watched.
    private const string Gone = "store/gone/gone";

    private readonly FakeTimeProvider time = new();
    private readonly RedisClock clock;
    private readonly LedgerSnapshot snapshot;
    private readonly List<RouteEdge> edges = [];

    public LedgerSnapshotTests()
    {
        clock = new RedisClock(time);
        snapshot = new LedgerSnapshot(clock);
        snapshot.Watch(Shop, edges.Add);
        Advance(1_000_000);
    }

    private RouteAccount Account => snapshot.Find(Shop)!;

    [Fact]
    public void TwoReplicas_AreSummed()
    {
        Hear("a", 1, Record(pending: 3));
        Hear("b", 1, Record(pending: 4, waking: 2));

        Assert.Equal((7, 2), (Account.Pending, Account.Waking));
    }

    [Fact]
    public void ReadThatBeganBeforeAMessage_DoesNotReplaceIt()
    {
        Hear("a", 1, Record(pending: 1));
        var before = snapshot.BeginRead().Messages;
        Hear("a", 2, Record(pending: 5));

        snapshot.Merge(Image(Replica("a", 1, Record(pending: 1))), before);

        Assert.Equal(5, Account.Pending);
    }

    [Fact]
    public void MessageOlderThanARead_DoesNotReplaceIt()
    {
        Read(Replica("a", 7, Record(pending: 1)));

        Hear("a", 6, Record(pending: 5));

        Assert.Equal(1, Account.Pending);
    }

    [Fact]
    public void RouteThatAReadDoesNotMention_IsIdle()
    {
        Hear("a", 1, Record(pending: 1));

        Read(new ReplicaImage("a", Header(2), clock.Now + 10_000, []));

        Assert.Equal(0, Account.Pending);
    }

    [Fact]
    public void ReplicaWithoutAHash_LeavesByARead()
    {
        Hear("a", 1, Record(pending: 1));
        Hear("b", 1, Record(pending: 2));

        Read(Replica("b", 1, Record(pending: 2)));

        Assert.Equal(2, Account.Pending);
        Assert.Equal(1, snapshot.Live);
    }

    [Fact]
    public void ReplicaHeardOfDuringARead_StaysAndIsReadAgain()
    {
        var before = snapshot.BeginRead().Messages;
        Hear("a", 1, Record(pending: 1));

        var again = snapshot.Merge(Image(), before);

        Assert.True(again);
        Assert.Equal(1, Account.Pending);
    }

    [Fact]
    public void MessageLostOrLastOfAReplica_AsksForARead()
    {
        Read(Replica("a", 1, Record(pending: 1)));

        Assert.False(Hear("a", 2, Record(pending: 1)));
        Assert.True(Hear("a", 4, Record(pending: 1)));
        Assert.True(Hear("new", 1));
        Assert.True(snapshot.Merge(new LedgerMessage("a", Header(5) with { Lease = 0 }, [])));
    }

    [Fact]
    public void Edges_TellHowLongTheRouteWasQuiet()
    {
        Hear("a", 1, Record(pending: 1));
        Hear("a", 2, Record(pending: 1, waking: 1));
        Hear("b", 1, Record(pending: 1, waking: 1));
        Hear("a", 3, Record(pending: 0));
        Hear("b", 2, Record(pending: 0));
        Advance(20_000);
        Hear("a", 4, Record(pending: 0, requests: 9));

        Assert.Equal(
            [(TimeSpan.MaxValue, false), (TimeSpan.Zero, true), (TimeSpan.FromSeconds(20), false)],
            edges.Select(edge => (edge.Quiet, edge.Waking)));
    }

    [Fact]
    public void RouteThatWasSaidToBeIdle_HasAnEdgeThoughAReplicasClockIsBehind()
    {
        var window = TimeSpan.FromSeconds(10);
        Hear("a", 1, Record(pending: 0));
        Advance(10_000);
        var active = Account.IsActive(window);

        Hear("a", 2, Record(pending: 1, requests: 1) with { LastSeen = clock.Now - 50 });

        Assert.False(active);
        Assert.True(edges[^1].Quiet >= window, $"{edges[^1]}");
    }

    [Fact]
    public void Activity_LooksBackOverItsWindow()
    {
        Hear("a", 1, Record(pending: 1));
        Advance(60_000);
        var pending = Account.IsActive(TimeSpan.FromSeconds(10));
        Hear("a", 2, Record(pending: 0));
        Advance(9_999);
        var recent = Account.IsActive(TimeSpan.FromSeconds(10));
        Advance(1);

        Assert.True(pending);
        Assert.True(recent);
        Assert.False(Account.IsActive(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void SilenceOfAReplica_IsNoSignThatTheRouteIsIdle()
    {
        Read(Replica("a", 1), Replica("b", 1));
        for (var second = 1; second <= 60; second++)
        {
            HearOfASecond(second);
            Hear("b", second + 1);
        }

        Hear("a", 62, Record(pending: 0, integral: 600_000, requests: 6_000));
        Advance(9_000);
        Hear("b", 62);

        Assert.False(Account.IsIdle(TimeSpan.FromSeconds(1)));
        Assert.Equal(10, Account.AveragePending(TimeSpan.FromSeconds(10)), 6);
        Assert.Equal(100, Account.RequestRate(TimeSpan.FromSeconds(10)), 6);
    }

    [Fact]
    public void WriteThatRedisCarriedOutLate_IsTakenAsOfWhenItWasMade()
    {
        var image = Replica("a", 1, Record(pending: 0));
        Advance(6_000);

        Read(image with { LeaseEnd = clock.Now + 10_000 });
        var late = Account.IsIdle(TimeSpan.FromSeconds(2));
        Hear("a", 2);

        Assert.False(late);
        Assert.True(Account.IsIdle(TimeSpan.FromSeconds(2)));
    }

    [Fact]
    public void WriteThatDoesNotSayWhenItWasMade_IsTakenAsOfWhenItsLeaseBegan()
    {
        var image = Replica("a", 1, Record(pending: 0)) with { Header = Header(1) with { At = 0 } };
        Advance(2_000);

        Read(image);
        var early = Account.IsIdle(TimeSpan.FromSeconds(2));
        Read(image with { LeaseEnd = clock.Now + 10_000 });

        Assert.False(early);
        Assert.True(Account.IsIdle(TimeSpan.FromSeconds(2)));
    }

    [Fact]
    public void Average_IsExactOverAnyWindow()
    {
        Read(Replica("a", 1));
        Advance(60_000);

        // 10 pending for 2 s, then 4 for 3 s, then none for 5 s: 32 request-seconds in 10 s.
        Hear("a", 2, Record(pending: 10, integral: 0));
        Advance(2_000);
        Hear("a", 3, Record(pending: 4, integral: 20_000));
        Advance(3_000);
        Hear("a", 4, Record(pending: 0, integral: 32_000));
        Advance(5_000);
        Hear("a", 5);

        Assert.Equal(3.2, Account.AveragePending(TimeSpan.FromSeconds(10)), 6);
        Assert.Equal(22.0 / 9, Account.AveragePending(TimeSpan.FromSeconds(9)), 6);
        Assert.Equal(0, Account.AveragePending(TimeSpan.FromSeconds(5)), 6);
    }

    [Fact]
    public void RequestThatLivedBetweenTwoWrites_IsInTheAverageAndTheRate()
    {
        Read(Replica("a", 1, Record(pending: 0, requests: 100, integral: 5_000)));
        Advance(10_000);

        Hear("a", 2, Record(pending: 0, requests: 110, integral: 6_000));

        Assert.Equal(0.1, Account.AveragePending(TimeSpan.FromSeconds(10)), 6);
        Assert.Equal(1.0, Account.RequestRate(TimeSpan.FromSeconds(10)), 6);
    }

    [Fact]
    public void WindowThatIsNotYetFull_IsAveragedOverWhatWasSeen()
    {
        Read(Replica("a", 1, Record(pending: 2, requests: 1_000_000, integral: 123_456_789)));
        Advance(4_000);

        Hear("a", 2, Record(pending: 2, requests: 1_000_020, integral: 123_456_789 + 8_000));

        Assert.Equal(5.0, Account.RequestRate(TimeSpan.FromSeconds(60)), 6);
        Assert.Equal(2.0, Account.AveragePending(TimeSpan.FromSeconds(60)), 6);
    }

    [Fact]
    public void ReplicaThatStartedBeforeWeRead_IsNotAveragedOverTheTimeOfOthersThatNobodySaw()
    {
        var start = clock.Now;
        Advance(20_000);
        Read(Replica("a", 1, Record(pending: 10, integral: 200_000, requests: 2_000)) with { Header = Header(1) with { Start = start } });
        var first = Account.RequestRate(TimeSpan.FromSeconds(60));

        Advance(10_000);
        Speak(2, start, Record(pending: 10, integral: 300_000, requests: 3_000));
        var later = (Account.RequestRate(TimeSpan.FromSeconds(60)), Account.AveragePending(TimeSpan.FromSeconds(60)));
        Read();
        var change = clock.Now;
        Advance(10_000);
        snapshot.Merge(new LedgerMessage("b", Header(1) with { Start = change }, [(Shop, Record(pending: 10, integral: 100_000, requests: 1_000))]));

        Assert.Equal(100, first, 6);
        Assert.Equal((100.0, 10.0), later);
        Assert.Equal(100, Account.RequestRate(TimeSpan.FromSeconds(60)), 6);
        Assert.Equal(10, Account.AveragePending(TimeSpan.FromSeconds(60)), 6);
    }

    [Fact]
    public void ReplicaThatStartedWhileWeRead_CountsFromZero()
    {
        Read();
        Advance(60_000);
        var start = clock.Now;
        Advance(1_000);

        snapshot.Merge(new LedgerMessage("a", Header(1) with { Start = start }, [(Shop, Record(pending: 0, requests: 600))]));

        Assert.Equal(10.0, Account.RequestRate(TimeSpan.FromSeconds(60)), 6);
    }

    [Fact]
    public void ReplicaThatComesBackAfterItsLease_IsNotAveragedOverItsWholeLife()
    {
        Read();
        var start = clock.Now;
        Speak(1, start, Record(pending: 0));
        Advance(3_600_000);
        Speak(2, start, Record(pending: 0, integral: 720_000_000, requests: 300_000));

        // Cut off from Redis for longer than any window.
        Read();
        Advance(180_000);
        Read();
        Speak(3, start, Record(pending: 1, integral: 720_000_000, requests: 300_000));
        Advance(6_000);
        Speak(4, start, Record(pending: 1, integral: 720_006_000, requests: 300_006));

        Assert.Equal(1.0, Account.RequestRate(TimeSpan.FromSeconds(60)), 6);
        Assert.Equal(1.0, Account.AveragePending(TimeSpan.FromSeconds(60)), 6);
        Assert.Equal(300_006 / 3_786.0, Account.RequestRate(TimeSpan.FromHours(2)), 6);
    }

    [Fact]
    public void ReplicaThatCouldNotReportForAMinuteAfterItsStart_CountsOnlyWhatIsKnownInItsTime()
    {
        Read();
        var start = clock.Now;
        Advance(90_000);

        // The route has been idle for so long that it is not in the first report, and has the totals of its first minute in the second.
        Speak(1, start);
        Advance(2_000);
        Speak(2, start, Record(pending: 1, integral: 6_000_000, requests: 6_001));
        Advance(2_000);
        Speak(3, start, Record(pending: 1, integral: 6_002_000, requests: 6_001));

        Assert.Equal(0, Account.RequestRate(TimeSpan.FromSeconds(60)), 6);
        Assert.Equal(0.5, Account.AveragePending(TimeSpan.FromSeconds(60)), 6);
    }

    [Fact]
    public void ClockThatIsSetBack_CostsOneWindowAndNoMore()
    {
        Read(Replica("a", 1, Record(pending: 10)));
        for (var second = 1; second <= 120; second++)
            HearOfASecond(second);

        // Redis's clock: all replicas' and ours follow it with their next heartbeat.
        clock.Set(clock.Now - 600_000);
        var rates = new List<double>();
        for (var second = 121; second <= 820; second++)
        {
            HearOfASecond(second);
            rates.Add(Account.RequestRate(TimeSpan.FromSeconds(60)));
        }

        Assert.All(rates.Skip(1), rate => Assert.Equal(100, rate, 6));
        Assert.Equal(10, Account.AveragePending(TimeSpan.FromSeconds(10)), 6);
        Assert.True(Account.IsActive(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void DepartedReplica_StaysInTheRateUntilItsWindowHasPassed()
    {
        Read(Replica("a", 1, Record(pending: 1, requests: 0)));
        Advance(30_000);
        Hear("a", 2, Record(pending: 1, requests: 300, integral: 30_000));

        Read();
        Advance(30_000);
        var within = Account.RequestRate(TimeSpan.FromSeconds(60));
        Advance(40_000);

        Assert.Equal(5.0, within, 6);
        Assert.Equal(0, Account.RequestRate(TimeSpan.FromSeconds(60)), 6);
        Assert.Equal(0, Account.Pending);
        Assert.Equal(0, Account.AveragePending(TimeSpan.FromSeconds(60)), 6);
    }

    [Fact]
    public void RouteThatNobodyWatchesOrMentionsForAWindow_IsForgotten()
    {
        Read(new ReplicaImage("a", Header(1), clock.Now + 10_000, [(Gone, Record(pending: 0, requests: 7)), (Shop, Record(pending: 0, requests: 7))]));
        snapshot.Find(Gone)!.IsActive(TimeSpan.FromMinutes(10));

        Read(Replica("a", 2));
        Advance(590_000);
        Read(Replica("a", 3));
        var within = snapshot.Find(Gone)!.IsActive(TimeSpan.FromMinutes(10));
        Advance(20_000);
        Read(Replica("a", 4));

        Assert.True(within);
        Assert.Null(snapshot.Find(Gone));
        Assert.NotNull(snapshot.Find(Shop));
    }

    [Fact]
    public void RouteThatStaysInTheLedger_IsNotForgotten()
    {
        Read(new ReplicaImage("a", Header(1), clock.Now + 10_000, [(Gone, Record(pending: 2))]));

        Advance(7_200_000);
        Read(new ReplicaImage("a", Header(2), clock.Now + 10_000, [(Gone, Record(pending: 2))]));

        Assert.Equal(2, snapshot.Find(Gone)?.Pending);
    }

    [Fact]
    public void RouteThatComesBackAfterItWasForgotten_CountsWhatIsNew()
    {
        Read();
        var start = clock.Now;
        snapshot.Merge(new LedgerMessage("b", Header(1) with { Start = start }, [(Gone, Record(pending: 0, requests: 6_000, integral: 600_000))]));
        Read(new ReplicaImage("b", Header(2) with { Start = start }, clock.Now + 10_000, []));
        Advance(600_000);
        Read(new ReplicaImage("b", Header(3) with { Start = start }, clock.Now + 10_000, []));

        snapshot.Merge(new LedgerMessage("b", Header(4) with { Start = start }, [(Gone, Record(pending: 1, requests: 6_001, integral: 600_000))]));
        Advance(6_000);
        snapshot.Merge(new LedgerMessage("b", Header(5) with { Start = start }, [(Gone, Record(pending: 1, requests: 6_061, integral: 606_000))]));

        var gone = snapshot.Find(Gone)!;
        Assert.Equal(1.0, gone.RequestRate(TimeSpan.FromSeconds(60)), 6);
        Assert.Equal(0.1, gone.AveragePending(TimeSpan.FromSeconds(60)), 6);
    }

    [Fact]
    public void LongTraffic_StaysExactToAThirtySecondOfTheWindow()
    {
        Read(Replica("a", 1));
        var random = new Random(3);
        var (requests, sequence) = (0L, 1L);
        var truth = new List<(long At, long Requests)> { (clock.Now, 0) };
        Account.RequestRate(TimeSpan.FromMinutes(10));

        for (var step = 0; step < 20_000; step++)
        {
            Advance(100);
            requests += random.Next(20);
            truth.Add((clock.Now, requests));
            Hear("a", ++sequence, Record(pending: 0, requests: requests));
        }

        foreach (var window in new[] { 1, 5, 10, 60, 300, 600 })
        {
            var from = truth.Last(point => point.At <= clock.Now - (window * 1000)).Requests;
            var expected = (requests - from) / (double)window;
            Assert.Equal(expected, Account.RequestRate(TimeSpan.FromSeconds(window)), expected / 32);
        }
    }

    [Fact]
    public void LongerWindowThanWasEverAskedFor_IsAveragedOverWhatIsStillKnown()
    {
        Read();
        var start = clock.Now;
        for (var second = 1; second <= 3_600; second++)
        {
            Advance(1_000);
            Speak(second, start, Record(pending: 10, integral: 10_000L * second, requests: 100L * second));
        }

        Assert.Equal(100, Account.RequestRate(TimeSpan.FromMinutes(10)), 6);
        Assert.Equal(10, Account.AveragePending(TimeSpan.FromMinutes(10)), 6);
        Assert.Equal(100, Account.RequestRate(TimeSpan.FromHours(1)), 6);
    }

    [Fact]
    public void LongerWindowThanWasEverAskedFor_IsTheSameForAReplicaThatHasStartedSince()
    {
        Read();
        var start = clock.Now;
        for (var second = 1; second <= 3_570; second++)
        {
            Advance(1_000);
            Speak(second, start, Record(pending: 0, requests: 100L * second));
        }

        var change = clock.Now;
        for (var second = 1; second <= 30; second++)
        {
            Advance(1_000);
            Speak(3_570 + second, start);
            snapshot.Merge(new LedgerMessage("b", Header(second) with { Start = change }, [(Shop, Record(pending: 0, requests: 100L * second))]));
        }

        Assert.Equal(100, Account.RequestRate(TimeSpan.FromMinutes(10)), 100.0 / 32);
    }

    private void Advance(long milliseconds) => time.Advance(TimeSpan.FromMilliseconds(milliseconds));

    private bool Hear(string replica, long sequence, params RouteRecord[] records) =>
        snapshot.Merge(new LedgerMessage(replica, Header(sequence), [.. records.Select(record => (Shop, record))]));

    private void Speak(long sequence, long start, params RouteRecord[] records) =>
        snapshot.Merge(new LedgerMessage("a", Header(sequence) with { Start = start }, [.. records.Select(record => (Shop, record))]));

    // 100 requests a second, and 10 pending.
    private void HearOfASecond(int second)
    {
        Advance(1_000);
        Hear("a", second + 1, Record(pending: 10, integral: 10_000L * second, requests: 100L * second));
    }

    private void Read(params ReplicaImage[] replicas) => snapshot.Merge(Image(replicas), snapshot.BeginRead().Messages);

    private static LedgerImage Image(params ReplicaImage[] replicas) => new("identity", 0, replicas);

    private ReplicaImage Replica(string id, long sequence, params RouteRecord[] records) =>
        new(id, Header(sequence), clock.Now + 10_000, [.. records.Select(record => (Shop, record))]);

    private ReplicaHeader Header(long sequence) => new(ReplicaHeader.CurrentVersion, Start: 0, sequence, Lease: 10_000, clock.Now);

    private RouteRecord Record(int pending, int waking = 0, long integral = 0, long requests = 0) =>
        new(pending - waking, waking, 0, integral, requests, clock.Now, clock.Now, clock.Now);
}
