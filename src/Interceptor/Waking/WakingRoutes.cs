using System.Collections.Concurrent;
using System.Threading.Channels;
using Wakegate.Interceptor.Routing;

namespace Wakegate.Interceptor.Waking;

/// <summary>Routes that want a pod: requests are held for one, or were a moment ago. Said on the request path, heard by <see cref="WakeService"/>.</summary>
internal sealed class WakingRoutes(TimeProvider clock)
{
    /// <summary>What is known of a namespace's pods is kept for so long after the last held request, for the next.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<Route, long> wanted = [];
    private readonly Channel<bool> pulse = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>A request is held for a first pod of this route, or was refused one. Must not wait: it is called under the queue's lock.</summary>
    public void Add(Route route)
    {
        wanted[route] = clock.GetTimestamp();
        Pulse();
    }

    /// <summary>Something has changed that may matter to those who wake.</summary>
    public void Pulse() => pulse.Writer.TryWrite(true);

    public ValueTask<bool> ChangedAsync(CancellationToken cancellationToken) => pulse.Reader.ReadAsync(cancellationToken);

    /// <summary>All that want a pod now.</summary>
    public IReadOnlyCollection<Route> Current()
    {
        var now = clock.GetTimestamp();
        foreach (var (route, since) in wanted)
        {
            if (route.Queue.Waking)
            {
                wanted[route] = now;
            }
            else if (clock.GetElapsedTime(since, now) > Linger)
            {
                wanted.TryRemove(new(route, since));
            }
        }

        return [.. wanted.Keys];
    }
}
