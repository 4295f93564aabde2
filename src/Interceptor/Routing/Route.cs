using Wakegate.Contracts.Ledger;
using Wakegate.Contracts.Triggers;
using Wakegate.Interceptor.Forwarding;
using Wakegate.Interceptor.Holding;
using Wakegate.Interceptor.Observing;
using Wakegate.Interceptor.Waking;

namespace Wakegate.Interceptor.Routing;

/// <summary>
/// One trigger while it exists: what is asked of it, which pods serve it, who waits for them. It outlives changes of its trigger and its
/// Service, so that what is held stays held. Written by the watches only, one at a time; read by every request.
/// </summary>
internal sealed class Route
{
    private volatile RouteSpec spec;

    public Route(RouteSpec spec, PendingCounts counts, HoldBudget budget, WakingRoutes waking, TimeProvider clock, ILogger logger)
    {
        this.spec = spec;
        Counts = counts;
        Tags = new RouteTags(spec.Id);
        AtZero = new ZeroTime(clock);
        Wakes = new RouteWakes(counts, () => waking.Add(this), clock) { AnotherWanted = () => waking.AddBusy(this) };
        Pods = new ReadyPods(clock) { Reached = Wakes.Reached };
        Queue = new HoldQueue(spec.Id, Pods, counts, budget, Wakes, clock, logger);
        Pods.Changed = pod =>
        {
            if (pod is null)
            {
                Queue.Release();
            }
            else
            {
                Queue.Release(pod);
            }
        };
    }

    public RouteId Id => spec.Id;

    /// <summary>The last good version of the trigger.</summary>
    public RouteSpec Spec { get => spec; set => spec = value; }

    /// <summary>Why requests are refused although their host is claimed: the trigger is wrong and was never right. Null where all is well.</summary>
    public string? Refusal { get; init; }

    public PendingCounts Counts { get; }

    /// <summary>Its tags on metrics.</summary>
    public RouteTags Tags { get; }

    /// <summary>What came of its requests.</summary>
    public RouteTally Tally { get; } = new();

    /// <summary>How long it has cost nothing.</summary>
    public ZeroTime AtZero { get; }

    public RouteWakes Wakes { get; }

    public ReadyPods Pods { get; }

    public HoldQueue Queue { get; }
}
