using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Wakegate.Contracts.Ledger;

/// <summary>
/// The routes that changed since they were last written. Filled on the request path, which neither blocks nor, once the queues have grown,
/// allocates; emptied by the writer's loop.
/// </summary>
internal sealed class ChangedRoutes
{
    private readonly ConcurrentQueue<TrackedRoute> changed = new();
    private readonly ConcurrentQueue<TrackedRoute> edges = new();
    private readonly Channel<bool> wake =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    // 1 while the loop sleeps until its heartbeat, because nothing had changed when it looked.
    private int resting;

    /// <summary>
    /// Whether nothing has changed. Then the next change wakes the loop; whoever changes something looks for the mark after the change, and the
    /// loop for changes after the mark, so one sees the other.
    /// </summary>
    public bool TryRest()
    {
        Interlocked.Exchange(ref resting, 1);
        return changed.IsEmpty || Interlocked.Exchange(ref resting, 0) == 0;
    }

    public void Add(TrackedRoute route)
    {
        changed.Enqueue(route);
        if (Interlocked.Exchange(ref resting, 0) == 1)
            Wake();
    }

    /// <summary>The route has been added as well: an edge that is not written at once goes with the others.</summary>
    public void AddEdge(TrackedRoute route)
    {
        edges.Enqueue(route);
        Wake();
    }

    public void Wake() => wake.Writer.TryWrite(true);

    public async Task WaitAsync(CancellationToken cancellation) => await wake.Reader.ReadAsync(cancellation);

    /// <summary>Routes with an edge that may be written at once. The others stay in the queue for the next batch.</summary>
    public void TakeEdges(Predicate<TrackedRoute> mayWrite, ISet<TrackedRoute> taken)
    {
        while (edges.TryDequeue(out var route))
        {
            if (route.TakeEdge() && mayWrite(route) && route.TakeChanged())
                taken.Add(route);
        }
    }

    public void TakeAll(ISet<TrackedRoute> taken)
    {
        while (edges.TryDequeue(out var edge))
            edge.TakeEdge();

        // One that went as an edge is still queued, but no longer marked.
        while (changed.TryDequeue(out var route))
        {
            if (route.TakeChanged())
                taken.Add(route);
        }
    }
}
