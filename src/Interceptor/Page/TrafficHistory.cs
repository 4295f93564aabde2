using Wakegate.Interceptor.Routing;
using Wakegate.Interceptor.Watching;

namespace Wakegate.Interceptor.Page;

/// <summary>
/// The last minutes of this interceptor's routes, so that a page that has just been opened has a past. A route without requests costs a look
/// at its count every few seconds, and no memory. Used by the feed's loop alone.
/// </summary>
internal sealed class TrafficHistory(RouteFactory routes, TimeProvider clock)
{
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(5);

    /// <summary>So many routes have a past at once, which is 3 MB.</summary>
    private const int MostRecent = 2000;

    private readonly Dictionary<Route, RouteTraffic> traffic = [];
    private long last = clock.GetTimestamp();
    private long before = clock.GetTimestamp();

    /// <summary>Counts the rounds of samples that are complete.</summary>
    public long Round { get; private set; }

    /// <summary>When the last round was.</summary>
    public DateTimeOffset At { get; private set; } = clock.GetUtcNow();

    /// <summary>Null where the route never had a request.</summary>
    public RouteTraffic? Of(Route route) => traffic.GetValueOrDefault(route);

    /// <summary>Requests a second, over the last five to ten seconds.</summary>
    public double RateOf(Route route)
    {
        var requests = route.Counts.Requests;
        var since = Of(route)?.Since(requests) ?? requests;
        return since == 0 ? 0 : since / Math.Max(1, clock.GetElapsedTime(before).TotalSeconds);
    }

    /// <summary>Takes a sample, where it is time for one.</summary>
    public void Sample()
    {
        if (clock.GetElapsedTime(last) < Step)
        {
            return;
        }

        (before, last, At) = (last, clock.GetTimestamp(), clock.GetUtcNow());
        var round = Round + 1;
        var recent = traffic.Values.Count(t => t.Recent);
        foreach (var route in routes.All)
        {
            if (route.Counts.Requests > 0)
            {
                Sample(route, round, ref recent);
            }
        }

        foreach (var (gone, _) in traffic.Where(t => t.Value.Round != round))
        {
            traffic.Remove(gone);
        }

        Round = round;
    }

    private void Sample(Route route, long round, ref int recent)
    {
        if (!traffic.TryGetValue(route, out var known))
        {
            traffic.Add(route, known = new());
        }

        known.Round = round;
        var was = known.Recent;
        known.Add(route.Counts.Pending, route.Queue.Count, route.Counts.Requests, mayBegin: recent < MostRecent);
        recent += !was && known.Recent ? 1 : 0;
    }
}
