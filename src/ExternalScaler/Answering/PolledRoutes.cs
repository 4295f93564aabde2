using System.Collections.Concurrent;
using Wakegate.Contracts.Triggers;

namespace Wakegate.ExternalScaler.Answering;

/// <summary>Which routes KEDA polls, to be held against the streams that it has open: one that is only polled wakes by the next poll only.</summary>
internal sealed class PolledRoutes(TimeProvider clock)
{
    /// <summary>KEDA's longest usual <c>pollingInterval</c> fits in, and its back-off.</summary>
    private static readonly TimeSpan Lately = TimeSpan.FromMinutes(10);

    /// <summary>Far more than a cluster has: whoever asks for made-up names shall not fill the memory.</summary>
    private const int Most = 100_000;

    private readonly ConcurrentDictionary<RouteId, long> last = new();
    private int known;

    public void Note(RouteId route)
    {
        var now = clock.GetTimestamp();
        if (last.ContainsKey(route))
        {
            last[route] = now;
        }
        else if (Volatile.Read(ref known) < Most && last.TryAdd(route, now))
        {
            Interlocked.Increment(ref known);
        }
    }

    /// <summary>How many were polled lately; forgets the others.</summary>
    public int Count()
    {
        var now = clock.GetTimestamp();
        foreach (var (route, at) in last)
        {
            if (clock.GetElapsedTime(at, now) > Lately && last.TryRemove(new(route, at)))
                Interlocked.Decrement(ref known);
        }

        return Volatile.Read(ref known);
    }
}
