using System.Runtime.InteropServices;

namespace Wakegate.Contracts.Ledger;

/// <summary>One replica's account of one route over time: exact at every point that was written, in between a straight line.</summary>
/// <param name="replica">Whose. Before it was known nothing is, but for what <see cref="Begin"/> says, and averages begin there.</param>
internal sealed class Trail(ReplicaView replica)
{
    // A gap between two points is never longer than this part of their age, so any window is cut to within a 32nd of its length, and
    // an hour of traffic takes some two hundred points.
    private const int Resolution = 32;

    private readonly List<Point> points = [];
    private ReplicaView replica = replica;
    private long since = replica.KnownSince;
    private long start = long.MinValue;

    /// <summary>Of the write that this is from. What is older never replaces it.</summary>
    public long Sequence { get; private set; } = -1;

    public RouteRecord Last { get; private set; }

    /// <summary>Whether the ledger no longer mentions the route: nothing is pending, and nothing happened since the last record.</summary>
    public bool Resting { get; private set; }

    /// <summary>Whether the replica is gone: nothing is pending there, and what was counts until its windows have passed.</summary>
    public bool Ended { get; private set; }

    /// <summary>
    /// The replica's totals were 0 then. How what came until we knew it was spread over that time nobody knows: an average covers all of it or none.
    /// </summary>
    public void Begin(long start)
    {
        this.start = start;
        points.Add(new(start, 0, 0));
    }

    /// <param name="replica">The same, which is another view where it was gone in between.</param>
    /// <param name="record">Its record.</param>
    /// <param name="sequence">Of the write.</param>
    /// <param name="horizon">How far back windows reach, in ms.</param>
    public void Add(ReplicaView replica, RouteRecord record, long sequence, long horizon)
    {
        this.replica = replica;
        Sequence = sequence;
        Last = record;
        (Resting, Ended) = (false, false);
        Append(new(record.At, record.Integral, record.Requests));
        Thin(record.At, horizon);
    }

    /// <summary>The record is gone from the ledger: nothing is pending.</summary>
    public void Rest(long sequence)
    {
        Sequence = sequence;
        Resting = true;
        Last = Last with { InFlight = 0, Waking = 0, Queued = 0 };
    }

    public void End(long at)
    {
        Append(new(at, IntegralAt(at), Last.Requests));
        Last = Last with { InFlight = 0, Waking = 0, Queued = 0, LastSeen = Last.Pending > 0 ? at : Last.LastSeen, At = at };
        Ended = true;
    }

    /// <summary>
    /// In Redis ms: what was before was not seen, or is forgotten since no window was so long. Null where the clock was set back, and the trail begins with it.
    /// </summary>
    public long? KnownFrom { get; private set; } = replica.LedgerSince;

    /// <summary>Until when all of this is known, in Redis ms; of a replica that is gone, until now.</summary>
    public long KnownUntil(long now) => Ended ? now : Math.Min(now, replica.KnownUntil);

    public double AveragePending(long from, long now)
    {
        from = From(from);
        return now <= from ? Last.Pending : Math.Max(0, (IntegralAt(now) - IntegralAt(from)) / (double)(now - from));
    }

    /// <summary>Per second. What was seen for less than a second says nothing yet: so long it is what it was since the replica started.</summary>
    public double RequestRate(long from, long now)
    {
        from = From(from);
        var (requests, time) = now - from >= 1000 ? (RequestsAt(now) - RequestsAt(from), now - from) : (Last.Requests, now - replica.Start);
        return Math.Max(0, requests * 1000 / Math.Max(time, 1000));
    }

    private long From(long from) => from <= start ? from : Math.Max(from, since);

    private long IntegralAt(long time)
    {
        var last = points[^1];
        return time >= last.At
            ? last.Integral + (Last.Pending * (time - last.At))
            : (long)Between(time, static point => point.Integral);
    }

    private double RequestsAt(long time) => time >= points[^1].At ? points[^1].Requests : Between(time, static point => point.Requests);

    private double Between(long time, Func<Point, long> value)
    {
        var after = points.FindIndex(point => point.At > time);
        if (after == 0)
            return value(points[0]);

        var (left, right) = (points[after - 1], points[after]);
        return value(left) + ((value(right) - value(left)) * ((double)(time - left.At) / (right.At - left.At)));
    }

    // The replica's clock is set anew with each heartbeat and may step back a little; a trail never does. Where Redis's own was set back, what was
    // before cannot be told in its time, and the trail begins anew.
    private void Append(Point point)
    {
        if (points.Count > 0 && point.At < points[^1].At - RouteAccount.ClockStep)
        {
            points.Clear();
            (since, start, KnownFrom) = (point.At, long.MinValue, null);
        }

        if (points.Count > 0 && point.At <= points[^1].At)
        {
            point = point with { At = points[^1].At };
            points.RemoveAt(points.Count - 1);
        }

        points.Add(point);
    }

    private void Thin(long now, long horizon)
    {
        // The last point at or before the horizon stays: the longest window begins between it and the next.
        var old = points.FindLastIndex(point => point.At <= now - horizon);
        if (old > 0)
        {
            points.RemoveRange(0, old);
            KnownFrom = Math.Max(KnownFrom ?? 0, points[0].At);
        }

        var kept = 1;
        for (var next = 1; next < points.Count; next++)
        {
            var needed = next == points.Count - 1 || points[next + 1].At - points[kept - 1].At > (now - points[kept - 1].At) / Resolution;
            if (needed)
                points[kept++] = points[next];
        }

        points.RemoveRange(kept, points.Count - kept);
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Point(long At, long Integral, long Requests);
}
