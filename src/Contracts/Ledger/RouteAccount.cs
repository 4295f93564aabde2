namespace Wakegate.Contracts.Ledger;

/// <summary>
/// All that the ledger says of one route, over all replicas. Written by <see cref="LedgerSnapshot"/> alone, one change at a time; read at any
/// time. What says that there is nothing, or how much, is as of each replica's last write: silence after it says nothing.
/// </summary>
public sealed class RouteAccount
{
    // In ms: how far Redis's clock goes back where it was set, or another node's took its place. Less is how well replicas know it.
    internal const long ClockStep = 2_000;

    // How far back answers can reach, in ms; grows to the longest window that was asked for. Written under the gate.
    private long horizon = 60_000;

    private readonly RedisClock clock;

    // Guards trails and their points, for microseconds.
    private readonly Lock gate = new();
    private readonly Dictionary<string, Trail> trails = [];
    private int pending;
    private int waking;
    private long lastSeen = long.MinValue;
    private Action<RouteEdge>? watchers;

    internal RouteAccount(string route, RedisClock clock)
    {
        Route = route;
        this.clock = clock;
    }

    /// <summary>Requests pending now.</summary>
    public int Pending => Volatile.Read(ref pending);

    /// <summary>Those of them that wait for a first ready pod.</summary>
    public int Waking => Volatile.Read(ref waking);

    internal string Route { get; }

    /// <summary>Whether nobody would miss it.</summary>
    internal bool IsForgotten
    {
        get
        {
            lock (gate)
                return trails.Count == 0 && watchers is null;
        }
    }

    /// <summary>Whether a request is pending, or was within this window before now.</summary>
    public bool IsActive(TimeSpan window)
    {
        Reach(window);
        return Pending > 0 || WasSeen(window, clock.Now);
    }

    /// <summary>Whether nothing is pending, nor was within this window before the last write of any replica that had the route.</summary>
    public bool IsIdle(TimeSpan window)
    {
        Reach(window);
        return Pending == 0 && !WasSeen(window, KnownUntil());
    }

    /// <summary>Requests pending on average over this window before the last write, or over as much of it as was seen. Exact: a request counts for as long as it took.</summary>
    public double AveragePending(TimeSpan window) => Sum(window, static (trail, from, until) => trail.AveragePending(from, until));

    /// <summary>Requests per second over this window before the last write, or over as much of it as was seen.</summary>
    public double RequestRate(TimeSpan window) => Sum(window, static (trail, from, until) => trail.RequestRate(from, until));

    /// <summary>How long ago an edge was, by Redis's clock.</summary>
    public TimeSpan Since(RouteEdge edge) => TimeSpan.FromMilliseconds(Math.Max(0, clock.Now - edge.At));

    internal void Watch(Action<RouteEdge> watcher)
    {
        lock (gate)
            watchers += watcher;
    }

    internal void Unwatch(Action<RouteEdge> watcher)
    {
        lock (gate)
            watchers -= watcher;
    }

    /// <summary>Takes one replica's record, unless a newer one is known.</summary>
    internal void Apply(ReplicaView replica, long sequence, RouteRecord record) => Change(record.Edge, () =>
    {
        var trail = trails.GetValueOrDefault(replica.Id);
        if (trail is null)
        {
            trails.Add(replica.Id, trail = new Trail(replica));
            if (replica.CountsFromStart)
                trail.Begin(replica.Start);
        }

        if (sequence > trail.Sequence)
            trail.Add(replica, record, sequence, Volatile.Read(ref horizon));
    });

    /// <summary>A full read of the replica does not mention the route.</summary>
    internal void Rest(string replica, long sequence) => Change(clock.Now, () =>
    {
        if (trails.TryGetValue(replica, out var trail) && sequence > trail.Sequence)
            trail.Rest(sequence);
    });

    /// <summary>The replica is gone, and what was pending there with it.</summary>
    internal void End(string replica, long now) => Change(now, () => trails.GetValueOrDefault(replica)?.End(now));

    /// <summary>
    /// Drops what is left of replicas that ended before every window; and everything, where nobody watches the route and no replica has mentioned
    /// it for as long: mostly its ScaledObject is gone.
    /// </summary>
    internal void Forget(long now)
    {
        lock (gate)
        {
            foreach (var (replica, trail) in trails)
            {
                if (trail.Ended && IsPast(trail))
                    trails.Remove(replica);
            }

            if (watchers is null && trails.Values.All(trail => trail.Resting && IsPast(trail)))
                trails.Clear();
        }

        bool IsPast(Trail trail) => trail.Last.At + horizon < now;
    }

    // At is when an edge was, if there is one in it.
    private void Change(long at, Action change)
    {
        RouteEdge edge;
        Action<RouteEdge>? tell;
        lock (gate)
        {
            var (wasPending, wasWaking, wasSeen) = (pending, waking, LastSeen());
            change();
            Volatile.Write(ref waking, trails.Values.Sum(trail => trail.Last.Waking));
            Volatile.Write(ref lastSeen, Math.Min(trails.Values.Select(trail => trail.Last.LastSeen).Append(wasSeen).Max(), clock.Now + ClockStep));
            Volatile.Write(ref pending, trails.Values.Sum(trail => trail.Last.Pending));

            // One that came and went between two writes shows only in when it was seen. Until now by the clock that IsActive asks, if that is
            // later: a replica's may be behind it, and a route that was said to be idle would be taken for one that never was.
            var quiet = wasPending > 0 || lastSeen == wasSeen ? TimeSpan.Zero
                : wasSeen == long.MinValue ? TimeSpan.MaxValue
                : TimeSpan.FromMilliseconds(Math.Max(lastSeen, clock.Now) - wasSeen);
            edge = new(quiet, wasWaking == 0 && waking > 0, at);
            tell = watchers;
        }

        if (edge.Quiet > TimeSpan.Zero || edge.Waking)
            tell?.Invoke(edge);
    }

    // What was seen by a clock that has been set back since is taken to have been seen just now.
    private long LastSeen()
    {
        var (seen, now) = (Volatile.Read(ref lastSeen), clock.Now);
        if (seen <= now + ClockStep)
            return seen;

        Interlocked.CompareExchange(ref lastSeen, now, seen);
        return now;
    }

    private bool WasSeen(TimeSpan window, long before)
    {
        var seen = LastSeen();
        return seen != long.MinValue && before - seen < window.TotalMilliseconds;
    }

    // Of all replicas.
    private long KnownUntil()
    {
        var now = clock.Now;
        lock (gate)
            return trails.Values.Select(trail => trail.KnownUntil(now)).Append(now).Min();
    }

    private double Sum(TimeSpan window, Func<Trail, long, long, double> value)
    {
        Reach(window);
        var (now, length) = (clock.Now, (long)window.TotalMilliseconds);
        lock (gate)
        {
            // The same for all replicas: where one took another's place, each had the requests of a part of it. Negative where the clock was set back.
            var seen = trails.Values.Select(trail => now - trail.KnownFrom).Where(known => known >= 0).Append(length).Min() ?? length;
            return trails.Values.Sum(trail => value(trail, trail.KnownUntil(now) - seen, trail.KnownUntil(now)));
        }
    }

    private void Reach(TimeSpan window)
    {
        var length = (long)window.TotalMilliseconds;
        if (length <= Volatile.Read(ref horizon))
            return;

        lock (gate)
            horizon = Math.Max(horizon, length);
    }
}
