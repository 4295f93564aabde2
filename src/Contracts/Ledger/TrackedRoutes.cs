using StackExchange.Redis;
using Wakegate.Contracts.Triggers;

namespace Wakegate.Contracts.Ledger;

/// <summary>All routes of this process, and which of them are in the ledger. Everything but the first five methods is the writer's loop's.</summary>
internal sealed class TrackedRoutes(TimeProvider clock)
{
    private readonly ChangedRoutes changes = new();

    // Guards all and the retirement of its members; never taken on the request path.
    private readonly Lock gate = new();
    private readonly Dictionary<RouteId, TrackedRoute> all = [];

    // Routes with a record: those that changed since they last were idle. The loop's alone.
    private readonly HashSet<TrackedRoute> present = [];

    public IReadOnlyCollection<TrackedRoute> Present => present;

    public PendingCounts Track(RouteId id, ScalingSpec scaling)
    {
        lock (gate)
        {
            if (!all.TryGetValue(id, out var route))
                all.Add(id, route = new TrackedRoute(id, clock, changes));

            route.Configure(scaling);
            return route.Counts;
        }
    }

    /// <summary>
    /// The route stays known by its name: a request that was routed just before may still come to be counted, and a route that returns
    /// must have the same counts, or two would write one record.
    /// </summary>
    public void Untrack(RouteId id)
    {
        lock (gate)
        {
            if (all.TryGetValue(id, out var route))
                route.Retire();
        }
    }

    public void Wake() => changes.Wake();

    /// <summary>Whether nothing has changed; what changes next wakes the loop.</summary>
    public bool TryRest() => changes.TryRest();

    public Task WaitAsync(CancellationToken cancellation) => changes.WaitAsync(cancellation);

    public HashSet<TrackedRoute> TakeChanged()
    {
        var taken = new HashSet<TrackedRoute>();
        changes.TakeAll(taken);
        present.UnionWith(taken);
        return taken;
    }

    public HashSet<TrackedRoute> TakeEdges(Predicate<TrackedRoute> mayWrite)
    {
        var taken = new HashSet<TrackedRoute>();
        changes.TakeEdges(mayWrite, taken);
        present.UnionWith(taken);
        return taken;
    }

    /// <summary>The fields of routes that have just become idle for good.</summary>
    public RedisValue[] TakeIdle()
    {
        var idle = present.Where(route => route.IsIdle(route.Counts.Read())).ToArray();
        present.ExceptWith(idle);
        return Array.ConvertAll(idle, route => route.Field);
    }
}
