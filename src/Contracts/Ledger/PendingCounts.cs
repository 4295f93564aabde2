using Wakegate.Contracts.Triggers;

namespace Wakegate.Contracts.Ledger;

/// <summary>
/// One route's pending requests in this process: counted on the request path without locks or allocation, read by the ledger's writer.
/// </summary>
/// <remarks>
/// How many are pending and the time integral of that number must be read together, or an average could be off by hours. Both live in one
/// word: the low 20 bits hold the number, the high 44 the sum of departure times less the sum of arrival times, modulo 2^44 ms. Each
/// arrival and departure is a single atomic add, and the integral at a time t is (sum + number × t), again modulo 2^44; the writer
/// adds up differences, which are exact while less than 2^43 request-milliseconds (a million requests pending for 100 days) pass
/// between two reads.
/// </remarks>
public sealed class PendingCounts
{
    private const int NumberBits = 20;
    private const long NumberMask = (1L << NumberBits) - 1;

    private readonly Action<PendingCounts, bool> changed;
    private readonly TimeProvider clock;
    private readonly long origin;
    private long packed;
    private long requests;
    private long lastSeen;
    private long edge;
    private int waking;
    private int queued;
    private long wakingReported;

    // The writer's own, which reads in one loop: the integral so far, and what it was modulo 2^44 at the last read.
    private long integral;
    private long phase;

    /// <param name="route">The route that is counted.</param>
    /// <param name="clock">Arrivals and departures are taken from its timestamps.</param>
    /// <param name="changed">
    /// Called on the request path after every change; must not block. Its second argument is true on an edge: the first pending request
    /// of this replica, or the first that waits for a pod.
    /// </param>
    public PendingCounts(RouteId route, TimeProvider clock, Action<PendingCounts, bool> changed)
    {
        Route = route;
        this.clock = clock;
        this.changed = changed;
        origin = clock.GetTimestamp();
    }

    /// <summary>The route that is counted.</summary>
    public RouteId Route { get; }

    /// <summary>Requests pending now: held and in flight.</summary>
    public int Pending => (int)(Interlocked.Read(ref packed) & NumberMask);

    /// <summary>Requests that wait for a first ready pod.</summary>
    public int Waking => Volatile.Read(ref waking);

    /// <summary>Requests that wait behind busy pods.</summary>
    public int Queued => Volatile.Read(ref queued);

    /// <summary>All requests that were ever counted.</summary>
    public long Requests => Interlocked.Read(ref requests);

    /// <summary>When the ledger first had those that wait for a first pod, or did last: a timestamp of the clock; 0 where it has not had them yet.</summary>
    public long WakingReported => Interlocked.Read(ref wakingReported);

    /// <summary>Counts a request that was just routed. Every call is paired with exactly one <see cref="Leave"/>.</summary>
    public void Enter()
    {
        var elapsed = Seen();
        Interlocked.Increment(ref requests);
        var isEdge = (Interlocked.Add(ref packed, 1 - (elapsed << NumberBits)) & NumberMask) == 1;
        if (isEdge)
            Volatile.Write(ref edge, elapsed);
        changed(this, isEdge);
    }

    /// <summary>The request's response has ended, or its client is known to be gone.</summary>
    public void Leave()
    {
        Interlocked.Add(ref packed, (Seen() << NumberBits) - 1);
        changed(this, false);
    }

    /// <summary>Says how many of those entered wait, and for what. One caller at a time: the route's queue.</summary>
    /// <param name="forFirstPod">Requests that wait for a first ready pod.</param>
    /// <param name="behindBusyPods">Requests that wait until a pod has room.</param>
    public void SetHeld(int forFirstPod, int behindBusyPods)
    {
        var before = (Waking: Interlocked.Exchange(ref waking, forFirstPod), Queued: Interlocked.Exchange(ref queued, behindBusyPods));
        if (before != (forFirstPod, behindBusyPods))
        {
            // Not as it ends: who asks how long the signal took asks after that.
            if (before.Waking == 0 && forFirstPod > 0)
            {
                Interlocked.Exchange(ref wakingReported, 0);
                Volatile.Write(ref edge, Elapsed());
            }

            changed(this, before.Waking == 0 && forFirstPod > 0);
        }
    }

    /// <summary>All of it at one moment. For the ledger's writer alone, one call at a time.</summary>
    internal PendingReading Read()
    {
        var elapsed = Elapsed();
        var requestsNow = Interlocked.Read(ref requests);
        var word = Interlocked.Read(ref packed);
        var pending = (int)(word & NumberMask);

        var phaseNow = (word >> NumberBits) + (pending * elapsed);
        integral += (phaseNow - phase) << NumberBits >> NumberBits; // the signed difference modulo 2^44
        phase = phaseNow;

        // Those who wait are counted apart, and may be a moment behind: the sum is what must be right.
        var wakingNow = Math.Clamp(Waking, 0, pending);
        var queuedNow = Math.Clamp(Queued, 0, pending - wakingNow);
        var quiet = pending > 0 ? 0 : Math.Max(0, elapsed - Volatile.Read(ref lastSeen));
        return new(pending - wakingNow - queuedNow, wakingNow, queuedNow, integral, requestsNow, quiet, elapsed - Volatile.Read(ref edge));
    }

    /// <summary>The ledger has a record in which requests wait for a first pod.</summary>
    internal void ReportedWaking() => Interlocked.CompareExchange(ref wakingReported, clock.GetTimestamp(), 0);

    // Stores of two threads may swap; they are then of the same moment.
    private long Seen()
    {
        var elapsed = Elapsed();
        Volatile.Write(ref lastSeen, elapsed);
        return elapsed;
    }

    private long Elapsed() => (long)clock.GetElapsedTime(origin).TotalMilliseconds;
}
