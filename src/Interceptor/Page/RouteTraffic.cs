using System.Runtime.InteropServices;

namespace Wakegate.Interceptor.Page;

/// <summary>One route's traffic: the last minutes while there is any, and one number while there is none. Used by the feed's loop alone.</summary>
internal sealed class RouteTraffic
{
    /// <summary>Ten minutes of <see cref="TrafficHistory.Step"/>.</summary>
    public const int Kept = 120;

    private TrafficPoint[]? points;
    private int next;
    private int quiet;
    private long before;

    /// <summary>All requests as of the last point.</summary>
    public long Requests { get; private set; }

    /// <summary>When the route was last seen: a round of <see cref="TrafficHistory"/>.</summary>
    public long Round { get; set; }

    /// <summary>Whether there was a request within the last minutes.</summary>
    public bool Recent => points is not null;

    /// <summary>The newest.</summary>
    public TrafficPoint Last => points?[(next + Kept - 1) % Kept] ?? default;

    /// <summary>Those since the oldest that is not quiet, oldest first.</summary>
    public IEnumerable<TrafficPoint> Points =>
        points is null ? [] : Enumerable.Range(0, Kept).Select(i => points[(next + i) % Kept]).SkipWhile(p => p.IsQuiet);

    /// <summary>Requests since the point before the last, which is one to two steps ago.</summary>
    public long Since(long requests) => requests - before;

    /// <param name="pending">Pending now.</param>
    /// <param name="held">Held now.</param>
    /// <param name="requests">All requests so far.</param>
    /// <param name="mayBegin">Whether there is memory for the past of one more route.</param>
    public void Add(int pending, int held, long requests, bool mayBegin)
    {
        var point = new TrafficPoint(pending, held, (int)Math.Min(requests - Requests, int.MaxValue));
        (before, Requests) = (Requests, requests);
        quiet = point.IsQuiet ? quiet + 1 : 0;
        points = quiet >= Kept ? null : points ?? (point.IsQuiet || !mayBegin ? null : new TrafficPoint[Kept]);
        if (points is not null)
        {
            points[next] = point;
            next = (next + 1) % Kept;
        }
    }
}

/// <summary>What was pending at one moment, and the requests that had come since the moment before.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TrafficPoint(int Pending, int Held, int Requests)
{
    public bool IsQuiet => this == default;
}
