using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Wakegate.Contracts.Ledger;
using Wakegate.Contracts.Triggers;
using Wakegate.Interceptor.Forwarding;
using Wakegate.Interceptor.Holding;
using Wakegate.Interceptor.Waking;

namespace Wakegate.Interceptor.Tests;

public sealed class HoldQueueTests
{
    private static readonly RouteId Shop = new("store", "shop", "shop");

    private readonly FakeTimeProvider clock = new();
    private readonly PendingCounts counts;

    public HoldQueueTests() => counts = new(Shop, clock, static (_, _) => { });

    [Fact]
    public async Task QueueOfADeletedRoute_SaysNothingOfTheCountsThatItsSuccessorHas()
    {
        var old = Queue();
        counts.Enter();
        var first = HoldAsync(old, TimeSpan.FromSeconds(30));
        old.Close();
        var outcome = (await first).Outcome;
        counts.Leave();
        var young = Queue();
        counts.Enter();
        var second = HoldAsync(young, TimeSpan.FromSeconds(60));

        clock.Advance(TimeSpan.FromSeconds(40));

        Assert.Equal(HoldOutcome.Unrouted, outcome);
        Assert.False(second.IsCompleted);
        Assert.Equal((1, 1), (counts.Waking, young.Count));
    }

    private HoldQueue Queue()
    {
        var budget = new HoldBudget(Options.Create(new HoldSettings()));
        return new(Shop, new ReadyPods(clock), counts, budget, new RouteWakes(counts, static () => { }, clock), clock, NullLogger.Instance);
    }

    private ValueTask<HoldResult> HoldAsync(HoldQueue queue, TimeSpan time)
    {
        var now = clock.GetTimestamp();
        return queue.WaitAsync(new DefaultHttpContext(), now, now + (long)(time.TotalSeconds * clock.TimestampFrequency), limit: 10);
    }
}
