using Microsoft.AspNetCore.Http.Features;
using Wakegate.Contracts.Ledger;
using Wakegate.Interceptor.Holding;
using Wakegate.Interceptor.Watching;

namespace Wakegate.Interceptor.Waking;

/// <summary>A route's wake-ups from zero: the one under way, and the last few.</summary>
/// <param name="counts">Tell when the ledger has heard of it.</param>
/// <param name="wanted">Called when a request wants a first pod; must not wait.</param>
/// <param name="clock">Times them.</param>
internal sealed class RouteWakes(PendingCounts counts, Action wanted, TimeProvider clock)
{
    private const int Kept = 20;

    // Guards current's replacement and recent. Innermost: what it calls, it calls after.
    private readonly Lock gate = new();
    private readonly Queue<Wake> recent = new();
    private volatile Wake? current;
    private volatile Wake? last;

    /// <summary>Called when one has ended.</summary>
    public Action<Wake> Ended { get; set; } = static _ => { };

    /// <summary>Called when requests begin to wait behind busy pods; must not wait.</summary>
    public Action AnotherWanted { get; set; } = static () => { };

    /// <summary>The one under way.</summary>
    public Wake? Current => current is { } wake ? wake with { Signalled = Signalled(wake) } : null;

    /// <summary>The last that has ended.</summary>
    public Wake? Last => last;

    /// <summary>Those that have ended, the last first.</summary>
    public IReadOnlyList<Wake> Recent
    {
        get
        {
            lock (gate)
            {
                return [.. recent.Reverse()];
            }
        }
    }

    /// <summary>A request wants a first pod.</summary>
    public void Want() => wanted();

    /// <summary>A request waits behind busy pods, and is the first.</summary>
    public void WantAnother() => AnotherWanted();

    /// <summary>This request found no pod at all, and is the first.</summary>
    public void Begin(HttpContext context, long arrived)
    {
        End(WakeOutcome.Left);
        var ago = clock.GetElapsedTime(arrived);
        current = new()
        {
            Arrived = arrived,
            At = clock.GetUtcNow() - ago,
            Cause = WakeCause.Of(context),
            Trace = context.Features.Get<IHttpActivityFeature>()?.Activity,
        };
    }

    /// <summary>What is seen of a pod of the route while none is ready.</summary>
    public void Saw(PodObject pod)
    {
        if (current is not { Ready: null } || !pod.Lives)
        {
            return;
        }

        var scheduled = pod.Status.Condition("PodScheduled") is { Status: "True" };
        var started = Array.Exists(pod.Status.ContainerStatuses ?? [], c => c.State?.Running is not null);
        if (scheduled || started)
        {
            var now = clock.GetTimestamp();
            Change(w => w with { Scheduled = w.Scheduled ?? now, Started = w.Started ?? (started ? now : null) });
        }
    }

    /// <summary>An endpoint takes traffic.</summary>
    public void Ready()
    {
        var now = clock.GetTimestamp();

        // Once none waits the counts no longer know when it was signalled.
        Change(w => w with { Ready = w.Ready ?? now, Signalled = Signalled(w) });
        EndIfServed();
    }

    /// <summary>A byte went to a pod that had woken.</summary>
    public void Reached()
    {
        var now = clock.GetTimestamp();
        Change(w => w with { Reached = w.Reached ?? now });
        EndIfServed();
    }

    /// <summary>A request has ended. Where none is left although a pod became ready, their clients left before it heard of any.</summary>
    public void RequestEnded()
    {
        if (current is { Ready: not null } && counts.Pending == 0)
        {
            End(WakeOutcome.Left);
        }
    }

    /// <summary>Nobody is held any more, though no pod came.</summary>
    /// <param name="last">How the last wait ended.</param>
    public void End(HoldOutcome last) => End(last switch
    {
        HoldOutcome.TimedOut => WakeOutcome.TimedOut,
        HoldOutcome.Hopeless => WakeOutcome.Hopeless,
        HoldOutcome.Unrouted => WakeOutcome.Unrouted,
        _ => WakeOutcome.Left,
    });

    private void End(WakeOutcome outcome)
    {
        Wake? ended;
        lock (gate)
        {
            ended = current is { } wake ? wake with { Signalled = Signalled(wake), Ended = clock.GetTimestamp(), Outcome = outcome } : null;
            current = null;
            Keep(ended);
        }

        if (ended is not null)
        {
            Ended(ended);
        }
    }

    private void EndIfServed()
    {
        if (current is { Ready: not null, Reached: not null })
        {
            End(WakeOutcome.Served);
        }
    }

    private void Change(Func<Wake, Wake> change)
    {
        lock (gate)
        {
            current = current is { } wake ? change(wake) : null;
        }
    }

    /// <summary>Under the lock.</summary>
    private void Keep(Wake? ended)
    {
        if (ended is null)
        {
            return;
        }

        // Its trace would keep the whole request alive.
        last = ended with { Trace = null };
        recent.Enqueue(last);
        if (recent.Count > Kept)
        {
            recent.Dequeue();
        }
    }

    private long? Signalled(Wake wake) => wake.Signalled ?? (counts.WakingReported is > 0 and var at && at >= wake.Arrived ? at : null);
}
