using StackExchange.Redis;
using Wakegate.Contracts.Triggers;

namespace Wakegate.Contracts.Ledger;

/// <summary>A route as the ledger's writer sees it: its counts, whether they changed, and how long they matter once it is idle.</summary>
internal sealed class TrackedRoute
{
    /// <summary>
    /// A record stays at least so long after its route's last request: readers look back over a window from the moment they are asked, which is a little later than now.
    /// </summary>
    public static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    private readonly ChangedRoutes changes;
    private int changed;
    private int edge;
    private long retention;
    private bool waking;

    public TrackedRoute(RouteId id, TimeProvider clock, ChangedRoutes changes)
    {
        this.changes = changes;
        Field = id.ToString();
        Counts = new PendingCounts(id, clock, OnChanged);
    }

    /// <summary>Its name in a replica's hash.</summary>
    public RedisValue Field { get; }

    public PendingCounts Counts { get; }

    /// <summary>Timestamp of the last write; the writer's own.</summary>
    public long Written { get; set; }

    /// <summary>Whether the route still exists. One that does not is gone from the ledger with its last request.</summary>
    public bool Retired { get; private set; }

    public void Configure(ScalingSpec scaling)
    {
        var window = scaling.TargetRequestRate is not null && scaling.RequestRateWindow > scaling.ActivityWindow
            ? scaling.RequestRateWindow
            : scaling.ActivityWindow;
        Retired = false;
        Volatile.Write(ref retention, (long)(window + Margin).TotalMilliseconds);
    }

    public void Retire()
    {
        Retired = true;
        Volatile.Write(ref retention, 0);
    }

    /// <summary>True once for each run of changes. Clears the mark before the counts are read, so that no change is lost between.</summary>
    public bool TakeChanged() => Interlocked.Exchange(ref changed, 0) == 1;

    /// <summary>The same for edges.</summary>
    public bool TakeEdge() => Interlocked.Exchange(ref edge, 0) == 1;

    /// <summary>Whether no reader can need the record any more.</summary>
    public bool IsIdle(PendingReading reading) => reading is { InFlight: 0, Waking: 0, Queued: 0 } && reading.Quiet >= Volatile.Read(ref retention);

    /// <summary>What stands in the ledger.</summary>
    /// <param name="now">In Redis ms.</param>
    public HashEntry ToEntry(long now)
    {
        var counts = Counts.Read();
        waking = counts.Waking > 0;
        var record = new RouteRecord(counts.InFlight, counts.Waking, counts.Queued, counts.Integral, counts.Requests, now - counts.Quiet, now, now - counts.EdgeAge);
        return new(Field, record.ToString());
    }

    /// <summary>What <see cref="ToEntry"/> last said has reached the ledger.</summary>
    public void Reported()
    {
        if (waking)
            Counts.ReportedWaking();
    }

    // On the request path. The plain read first keeps a busy route from writing to a shared cache line with every request.
    private void OnChanged(PendingCounts counts, bool isEdge)
    {
        if (Volatile.Read(ref changed) == 0 && Interlocked.Exchange(ref changed, 1) == 0)
            changes.Add(this);

        if (isEdge && Volatile.Read(ref edge) == 0 && Interlocked.Exchange(ref edge, 1) == 0)
            changes.AddEdge(this);
    }
}
