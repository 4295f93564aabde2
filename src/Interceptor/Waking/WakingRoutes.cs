using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Wakegate.Contracts.Triggers;
using Wakegate.Interceptor.Routing;

namespace Wakegate.Interceptor.Waking;

/// <summary>
/// Routes that want a pod: requests are held for a first one, or for another one whose own probe says when it comes, or were a moment ago.
/// Said on the request path, heard by <see cref="WakeService"/> and <see cref="OutlookService"/>.
/// </summary>
internal sealed class WakingRoutes(TimeProvider clock)
{
    /// <summary>What is known of a namespace's pods is kept for so long after the last held request, for the next.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(30);

    /// <summary>A line behind busy pods may be empty and fill again with every request. What is not told for that is found with the next beat.</summary>
    private static readonly TimeSpan TellEvery = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<Route, Wanted> wanted = [];
    private readonly Channel<bool> pulse = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private IReadOnlySet<string> watched = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>All that want a pod now.</summary>
    public IEnumerable<Route> Routes => wanted.Select(static w => w.Key);

    /// <summary>Namespaces whose pods are watched: another route of one of them changes nothing, and thousands may wake at once.</summary>
    public IReadOnlySet<string> Watched
    {
        get => Volatile.Read(ref watched);

        // A full fence: whoever looks at the routes after it sees all that were added before it was seen.
        set => Interlocked.Exchange(ref watched, value);
    }

    /// <summary>A request is held for a first pod of this route, or was refused one. Must not wait: it is called under the queue's lock.</summary>
    public void Add(Route route)
    {
        wanted.AddOrUpdate(
            route, static (_, now) => new(new RouteOutlook(now), now), static (_, before, now) => before with { Last = now }, clock.GetTimestamp());
        if (route.Spec.Readiness == Readiness.Probe || !Watched.Contains(route.Id.Namespace))
        {
            Pulse();
        }
    }

    /// <summary>
    /// Requests begin to wait behind busy pods of this route. Only where probes are run can another pod be known earlier by looking closer.
    /// Must not wait: it is called under the queue's lock.
    /// </summary>
    public void AddBusy(Route route)
    {
        if (route.Spec.Readiness != Readiness.Probe)
        {
            return;
        }

        var now = clock.GetTimestamp();
        if (wanted.TryGetValue(route, out var known) && known.Busy is { } told && clock.GetElapsedTime(told, now) < TellEvery)
        {
            return;
        }

        wanted.AddOrUpdate(
            route, static (_, now) => new(new RouteOutlook(now), now, now), static (_, before, now) => before with { Last = now, Busy = now }, now);
        Pulse();
    }

    /// <summary>Something has changed that may matter to those who wake.</summary>
    public void Pulse() => pulse.Writer.TryWrite(true);

    public ValueTask<bool> ChangedAsync(CancellationToken cancellationToken) => pulse.Reader.ReadAsync(cancellationToken);

    /// <summary>The same, each with what is known of its chances since it first wanted one.</summary>
    public IReadOnlyDictionary<Route, RouteOutlook> Current() => wanted.ToDictionary(w => w.Key, w => w.Value.Outlook);

    /// <summary>Lets go of those that have not wanted one for a while. For the one who judges: nobody else may set an obstacle meanwhile.</summary>
    /// <param name="needed">Which ones must be kept all the same.</param>
    public void Expire(Predicate<Route> needed)
    {
        var now = clock.GetTimestamp();
        foreach (var (route, want) in wanted)
        {
            var lingered = clock.GetElapsedTime(want.Last, now) > Linger;
            if (IsHeldFor(route) || (lingered && needed(route)))
            {
                wanted.TryUpdate(route, want with { Last = now }, want);
            }
            else if (lingered)
            {
                // First, so that no request that comes later, when nobody looks any more, is told what was true then.
                route.Queue.Obstacle = null;
                if (wanted.TryRemove(new(route, want)))
                {
                    Pulse();
                }
            }
        }
    }

    private static bool IsHeldFor(Route route) => route.Spec.Readiness == Readiness.Probe ? route.Queue.Count > 0 : route.Queue.Waking;

    /// <param name="Outlook">Begun when the route first wanted a pod; it goes with it.</param>
    /// <param name="Last">When it last wanted one.</param>
    /// <param name="Busy">When it was last said that its pods are too busy.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Wanted(RouteOutlook Outlook, long Last, long? Busy = null);
}
