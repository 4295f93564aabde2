using Microsoft.Extensions.Time.Testing;
using Wakegate.Contracts.Ledger;
using Wakegate.Contracts.Triggers;

namespace Wakegate.Contracts.Tests.Ledger;

public class PendingCountsTests
{
    private static readonly RouteId Route = new("store", "shop", "shop");

    private readonly FakeTimeProvider clock = new();
    private readonly List<bool> changes = [];

    [Fact]
    public void RandomComingsAndGoings_GiveTheIntegralOfANaiveSum()
    {
        var counts = Create();
        var random = new Random(7);
        var (pending, integral, requests) = (0, 0L, 0L);

        for (var step = 0; step < 5_000; step++)
        {
            var pause = random.Next(0, 50);
            clock.Advance(TimeSpan.FromMilliseconds(pause));
            integral += (long)pending * pause;
            if (pending == 0 || random.Next(2) == 0)
            {
                counts.Enter();
                (pending, requests) = (pending + 1, requests + 1);
            }
            else
            {
                counts.Leave();
                pending--;
            }

            if (random.Next(3) == 0)
                Assert.Equal((pending, integral, requests), Read(counts));
        }

        Assert.Equal((pending, integral, requests), Read(counts));
    }

    [Fact]
    public async Task ManyThreads_LoseNothing()
    {
        var counts = new PendingCounts(Route, TimeProvider.System, (_, _) => { });
        const int Threads = 8;
        const int Requests = 50_000;

        await Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Run(() =>
        {
            for (var request = 0; request < Requests; request++)
            {
                counts.Enter();
                counts.Leave();
            }
        })));

        var reading = counts.Read();
        Assert.Equal((0, 0, 0), (counts.Pending, counts.Waking, counts.Queued));
        Assert.Equal((0, 0, 0, Threads * Requests), (reading.InFlight, reading.Waking, reading.Queued, reading.Requests));
    }

    [Fact]
    public async Task ReadWhileOthersCount_NeverShowsMoreThanThereAre()
    {
        var counts = new PendingCounts(Route, TimeProvider.System, (_, _) => { });
        using var done = new CancellationTokenSource();

        var counting = Task.Run(() =>
        {
            while (!done.IsCancellationRequested)
            {
                counts.Enter();
                counts.SetHeld(1, 0);
                counts.SetHeld(0, 0);
                counts.Leave();
            }
        }, TestContext.Current.CancellationToken);

        for (var read = 0; read < 100_000; read++)
        {
            var reading = counts.Read();
            Assert.InRange(reading.InFlight + reading.Waking + reading.Queued, 0, 1);
            Assert.InRange(reading.InFlight, 0, 1);
        }

        await done.CancelAsync();
        await counting;
    }

    [Fact]
    public void SumBeyondItsWord_WrapsWithoutATrace()
    {
        var counts = Create();
        for (var request = 0; request < 200_000; request++)
            counts.Enter();

        // 7.2e12 request-milliseconds a step, which is below 2^43, and eight times 2^44 in all.
        var integral = 0L;
        for (var step = 0; step < 20; step++)
        {
            clock.Advance(TimeSpan.FromHours(10));
            integral += 200_000L * 36_000_000;
            Assert.Equal(integral, counts.Read().Integral);
        }

        Assert.True(integral > 1L << 44);
    }

    [Fact]
    public void LastRequestGone_IsQuietSinceThen()
    {
        var counts = Create();
        counts.Enter();
        clock.Advance(TimeSpan.FromSeconds(5));
        var busy = counts.Read();
        counts.Leave();
        clock.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(0, busy.Quiet);
        Assert.Equal(3000, counts.Read().Quiet);
    }

    [Fact]
    public void FirstPendingAndFirstWaking_AreEdges()
    {
        var counts = Create();

        counts.Enter();
        counts.Enter();
        counts.SetHeld(1, 0);
        counts.SetHeld(2, 0);
        counts.SetHeld(0, 2);
        counts.SetHeld(1, 0);
        counts.SetHeld(0, 0);
        counts.Leave();
        counts.Leave();
        counts.Enter();

        Assert.Equal([true, false, true, false, false, true, false, false, false, true], changes);
    }

    [Fact]
    public void HeldAsBefore_IsNoChange()
    {
        var counts = Create();

        counts.SetHeld(0, 0);
        counts.SetHeld(2, 0);
        counts.SetHeld(2, 0);

        Assert.Equal([true], changes);
    }

    [Fact]
    public void WaitingRequests_AreTakenOutOfThoseInFlight()
    {
        var counts = Create();
        for (var request = 0; request < 10; request++)
            counts.Enter();
        counts.SetHeld(1, 2);

        var reading = counts.Read();

        Assert.Equal((7, 1, 2), (reading.InFlight, reading.Waking, reading.Queued));
    }

    private PendingCounts Create() => new(Route, clock, (_, edge) => changes.Add(edge));

    private static (int Pending, long Integral, long Requests) Read(PendingCounts counts)
    {
        var reading = counts.Read();
        return (reading.InFlight + reading.Waking + reading.Queued, reading.Integral, reading.Requests);
    }
}
