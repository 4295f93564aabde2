using Wakegate.Contracts.Ledger;
using Wakegate.Contracts.Triggers;
using Wakegate.Interceptor.Forwarding;
using Wakegate.Interceptor.Waking;

namespace Wakegate.Interceptor.Holding;

/// <summary>
/// One route's requests that wait for a place on a pod, in the order of their arrival. Whoever is released has the place already, so that
/// nobody else can take it.
/// </summary>
/// <remarks>
/// Between any two calls, either the line is empty or no pod has a place. To keep that, a request looks for a pod after it has joined the
/// line, and whoever makes a place (a pod that came, a request that ended, a limit that grew) looks into the line after that. Both with
/// a full fence between the two steps, so at least one sees the other.
/// </remarks>
internal sealed partial class HoldQueue(
    RouteId route, ReadyPods pods, PendingCounts counts, HoldBudget budget, RouteWakes wakes, TimeProvider clock, ILogger logger)
{
    /// <summary>Deadlines this close together are served by one look through the line.</summary>
    private static readonly TimeSpan Granularity = TimeSpan.FromMilliseconds(10);

    /// <summary>How often it is looked whether bodies are smaller than they might have been.</summary>
    private static readonly TimeSpan Measuring = TimeSpan.FromSeconds(1);

    // Guards all that follows. Pods and budget do not call back, so it is the innermost lock.
    private readonly Lock gate = new();
    private readonly WaitingLine line = new();
    private readonly ColdStarts coldStarts = new();
    private ITimer? timer;
    private long due = long.MaxValue;
    private long bytes;
    private (int ForFirstPod, int BehindBusyPods) said;
    private long wakingSince;
    private bool waking;
    private bool cold;
    private HoldOutcome? closed;
    private HoldOutcome lastOutcome;
    private string? obstacle;

    // What line.Count is, for those who look without the lock.
    private int count;

    /// <summary>How long the oldest has waited; zero where none is held.</summary>
    public TimeSpan OldestAge
    {
        get
        {
            if (Count == 0)
            {
                return TimeSpan.Zero;
            }

            lock (gate)
            {
                return line.First is { } first ? clock.GetElapsedTime(first.Arrived) : TimeSpan.Zero;
            }
        }
    }

    /// <summary>Requests held now.</summary>
    public int Count => Volatile.Read(ref count);

    /// <summary>Whether requests wait for a first pod.</summary>
    public bool Waking
    {
        get
        {
            lock (gate)
            {
                return waking;
            }
        }
    }

    /// <summary>Why no pod will come, as far as Kubernetes knows: whoever would wait for a first pod is told instead. Null where one may.</summary>
    public string? Obstacle
    {
        get => Volatile.Read(ref obstacle);
        set
        {
            lock (gate)
            {
                Volatile.Write(ref obstacle, value);
                if (value is not null && waking)
                {
                    FinishWhere(static _ => true, HoldOutcome.Hopeless);
                }
            }
        }
    }

    /// <summary>Waits until a pod has a place.</summary>
    /// <param name="context">The request; its client may leave.</param>
    /// <param name="arrived">When it arrived.</param>
    /// <param name="deadline">When the wait ends.</param>
    /// <param name="limit">How many may be held at once; null for one that comes back, which was let in before.</param>
    /// <param name="place">Its place in the queue: behind those that arrived before this; null where that is by its own arrival.</param>
    public ValueTask<HoldResult> WaitAsync(HttpContext context, long arrived, long deadline, int? limit, long? place = null)
    {
        // Before the lock, since it looks through all headers.
        var waiter = new Waiter(this, context, arrived, place ?? arrived, deadline) { Bytes = HeldBody.Most(context) };
        return Enter(waiter, limit) is { } outcome ? new(new HoldResult(outcome)) : waiter.WaitAsync();
    }

    /// <summary>Pods may have places, or none is left: lets go whom they can take.</summary>
    public void Release()
    {
        lock (gate)
        {
            Dispatch(null);
        }
    }

    /// <summary>One pod may have places.</summary>
    public void Release(Pod pod)
    {
        if (Count == 0)
        {
            return;
        }

        lock (gate)
        {
            Dispatch(pod);
        }
    }

    /// <summary>Sends away whoever is no longer to be served here.</summary>
    public void Reject(Func<HttpContext, bool> unrouted) => FinishWhere(w => unrouted(w.Context), HoldOutcome.Unrouted);

    /// <summary>The route is gone: whoever is held, or comes late, is sent away.</summary>
    public void Close() => Close(HoldOutcome.Unrouted);

    /// <summary>The interceptor must go: whoever is held, or comes late, is told.</summary>
    public void Stop() => Close(HoldOutcome.Stopping);

    /// <summary>When one that is not let in should come back.</summary>
    public TimeSpan RetryAfter()
    {
        lock (gate)
        {
            return waking ? coldStarts.Remaining(clock.GetElapsedTime(wakingSince))
                : pods.AnyUsable ? TimeSpan.FromSeconds(1)
                : coldStarts.Remaining(TimeSpan.Zero);
        }
    }

    /// <summary>The client has left, if the request is still held.</summary>
    public void Leave(Waiter waiter)
    {
        lock (gate)
        {
            if (waiter.Queued)
            {
                Finish(waiter, new(HoldOutcome.Left));
                Settle();
            }
        }
    }

    private void Close(HoldOutcome outcome)
    {
        lock (gate)
        {
            closed ??= outcome;
            FinishWhere(static _ => true, outcome);
        }
    }

    private HoldOutcome? Enter(Waiter waiter, int? limit)
    {
        lock (gate)
        {
            if (closed is not null)
            {
                return closed;
            }

            if (waiter.Deadline <= clock.GetTimestamp())
            {
                return HoldOutcome.TimedOut;
            }

            // One that has come, and is left alone for a moment, has got past whatever stood in its way: that is known a moment later.
            if (obstacle is not null && pods.All.Count == 0)
            {
                wakes.Want();
                return HoldOutcome.Hopeless;
            }

            if (line.Count >= limit)
            {
                return HoldOutcome.Full;
            }

            if (limit is null)
            {
                budget.Enter(waiter.Bytes);
            }
            else if (!budget.TryEnter(line.Count, bytes, waiter.Bytes))
            {
                return HoldOutcome.OverBudget;
            }

            bytes += waiter.Bytes;
            waiter.MayShrink = HeldBody.MayBeSmaller(waiter.Context);
            line.Add(waiter, back: limit is null);
            Measure(waiter);
            Interlocked.Exchange(ref count, line.Count);
            Dispatch(null);
            if (waiter.Queued)
            {
                waiter.Cold = waking;
                if (!waking && line.Count == 1)
                {
                    wakes.WantAnother();
                }

                Arm(waiter.MayShrink ? Math.Min(waiter.Deadline, After(Measuring)) : waiter.Deadline);
            }

            return null;
        }
    }

    /// <summary>Under the lock.</summary>
    /// <param name="only">The one pod that can have places; null where any can.</param>
    private void Dispatch(Pod? only)
    {
        Settle();
        if (waking)
        {
            return;
        }

        while (line.First is { } first && (only is null ? pods.Take() : only.TryTake() ? only : null) is { } pod)
        {
            Finish(first, new(HoldOutcome.Released, pod));
        }

        Settle();
    }

    /// <summary>Under the lock, after every change: says how many are held and for what, and notices when a wake-up begins and ends.</summary>
    private void Settle()
    {
        Volatile.Write(ref count, line.Count);
        var usable = line.Count == 0 || pods.AnyUsable;
        if (usable == waking)
        {
            if (!waking)
            {
                (waking, wakingSince, cold) = (true, clock.GetTimestamp(), false);
                NoticeColdStart();
                wakes.Want();
                LogHolding(route);
            }
            else
            {
                waking = false;
                EndWaking(clock.GetElapsedTime(wakingSince));
            }
        }
        else if (waking)
        {
            // The last pod may have refused for a while before it is known to be gone.
            NoticeColdStart();
        }

        // The counts outlive the queue: a route that is deleted and made again has a new queue and the same counts.
        var held = (ForFirstPod: waking ? line.Count : 0, BehindBusyPods: waking ? 0 : line.Count);
        if (held != said)
        {
            said = held;
            counts.SetHeld(held.ForFirstPod, held.BehindBusyPods);
        }
    }

    private void NoticeColdStart()
    {
        if (!cold && pods.All.Count == 0)
        {
            (cold, wakingSince) = (true, clock.GetTimestamp());
            wakes.Begin(line.First!.Context, line.First.Arrived);
        }
    }

    private void EndWaking(TimeSpan took)
    {
        if (line.Count == 0)
        {
            wakes.End(lastOutcome);
            return;
        }

        if (cold)
        {
            coldStarts.Add(took);
            wakes.Ready();
        }

        LogReleasing(route, line.Count, (long)took.TotalMilliseconds);
    }

    /// <summary>Under the lock.</summary>
    private void Finish(Waiter waiter, HoldResult result)
    {
        line.Remove(waiter);
        lastOutcome = result.Outcome;
        budget.Leave(waiter.Bytes);
        bytes -= waiter.Bytes;
        waiter.Complete(result with { Cold = waiter.Cold });
    }

    /// <summary>Under the lock: gives back what a body that has come whole does not need.</summary>
    private void Measure(Waiter waiter)
    {
        if (waiter.MayShrink && HeldBody.WholeSize(waiter.Context) is { } size)
        {
            var all = size + HeldBody.Head(waiter.Context.Request);
            budget.Shrink(waiter.Bytes - all);
            bytes -= waiter.Bytes - all;
            (waiter.Bytes, waiter.MayShrink) = (all, false);
        }
    }

    private void FinishWhere(Func<Waiter, bool> ended, HoldOutcome outcome)
    {
        lock (gate)
        {
            for (var waiter = line.First; waiter is not null;)
            {
                var next = waiter.Next;
                if (ended(waiter))
                {
                    Finish(waiter, new(outcome));
                }

                waiter = next;
            }

            Settle();
        }
    }

    private void Tick()
    {
        lock (gate)
        {
            due = long.MaxValue;
            var now = clock.GetTimestamp();
            Dispatch(null);
            FinishWhere(w => w.Deadline <= now, HoldOutcome.TimedOut);
            var next = long.MaxValue;
            for (var waiter = line.First; waiter is not null; waiter = waiter.Next)
            {
                Measure(waiter);
                next = Math.Min(next, waiter.MayShrink ? Math.Min(waiter.Deadline, After(Measuring)) : waiter.Deadline);
            }

            Arm(next);
        }
    }

    private long After(TimeSpan time) => clock.GetTimestamp() + (long)(time.TotalSeconds * clock.TimestampFrequency);

    /// <summary>Under the lock: one timer for the whole line, set to what is due first.</summary>
    private void Arm(long at)
    {
        if (at >= due)
        {
            return;
        }

        due = at;
        var wait = clock.GetElapsedTime(clock.GetTimestamp(), at);
        timer ??= clock.CreateTimer(static queue => ((HoldQueue)queue!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer.Change(wait > Granularity ? wait : Granularity, Timeout.InfiniteTimeSpan);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Holding requests for {Route}: no pod is ready.")]
    private partial void LogHolding(RouteId route);

    [LoggerMessage(Level = LogLevel.Information, Message = "Releasing {Count} held requests of {Route} after {Milliseconds} ms.")]
    private partial void LogReleasing(RouteId route, int count, long milliseconds);
}
