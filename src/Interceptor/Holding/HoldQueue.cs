using Wakegate.Contracts.Ledger;
using Wakegate.Contracts.Triggers;
using Wakegate.Interceptor.Forwarding;

namespace Wakegate.Interceptor.Holding;

/// <summary>One route's requests that wait for a pod, released in the order of their arrival.</summary>
/// <remarks>
/// A request enters only after it has seen, under the lock, that no pod is usable; pods change first and call <see cref="Release"/> after. So
/// either the request sees the pod or the release sees the request, and none is left behind.
/// </remarks>
internal sealed partial class HoldQueue(RouteId route, ReadyPods pods, PendingCounts counts, TimeProvider clock, ILogger logger)
{
    /// <summary>Deadlines this close together are served by one look through the line.</summary>
    private static readonly TimeSpan Granularity = TimeSpan.FromMilliseconds(10);

    // Guards the line, the timer's due time and holdingSince.
    private readonly Lock gate = new();
    private readonly WaitingLine line = new();
    private ITimer? timer;
    private long due = long.MaxValue;
    private long holdingSince;

    /// <summary>Requests held now.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return line.Count;
            }
        }
    }

    /// <summary>Waits until a pod may be had.</summary>
    /// <param name="context">The request; its client may leave.</param>
    /// <param name="arrived">When it arrived: its place in the queue, also when it comes back.</param>
    /// <param name="deadline">When the wait ends.</param>
    /// <param name="limit">How many may be held at once. One that comes back has its place already and passes <see cref="int.MaxValue"/>.</param>
    public async ValueTask<HoldOutcome> WaitAsync(HttpContext context, long arrived, long deadline, int limit)
    {
        var waiter = new Waiter(this, context, arrived, deadline);
        if (Enter(waiter, limit) is { } outcome)
        {
            return outcome;
        }

        await using var leaving = context.RequestAborted.UnsafeRegister(static left => ((Waiter)left!).Leave(), waiter);
        return await waiter.Task;
    }

    /// <summary>Pods have changed: lets go whom they can take.</summary>
    public void Release()
    {
        int released;
        TimeSpan held;
        lock (gate)
        {
            if (line.Count == 0 || !pods.AnyUsable)
            {
                return;
            }

            released = line.Count;
            held = clock.GetElapsedTime(holdingSince);
            while (line.First is { } first)
            {
                Finish(first, HoldOutcome.Released);
            }
        }

        LogReleased(route, released, (long)held.TotalMilliseconds);
    }

    /// <summary>Sends away whoever is no longer to be served here.</summary>
    public void Reject(Func<HttpContext, bool> unrouted) => FinishWhere(w => unrouted(w.Context), HoldOutcome.Unrouted);

    private HoldOutcome? Enter(Waiter waiter, int limit)
    {
        bool first;
        lock (gate)
        {
            if (pods.AnyUsable)
            {
                return HoldOutcome.Released;
            }

            if (line.Count >= limit)
            {
                return HoldOutcome.Full;
            }

            if (waiter.Deadline <= clock.GetTimestamp())
            {
                return HoldOutcome.TimedOut;
            }

            first = line.Count == 0;
            holdingSince = first ? clock.GetTimestamp() : holdingSince;
            line.Add(waiter);
            counts.EnterWaking();
            Arm(waiter.Deadline);
        }

        if (first)
        {
            LogHolding(route);
        }

        return null;
    }

    /// <summary>The client has left, if the request is still held.</summary>
    public void Leave(Waiter waiter)
    {
        lock (gate)
        {
            if (waiter.Queued)
            {
                Finish(waiter, HoldOutcome.Left);
            }
        }
    }

    /// <summary>Under the lock.</summary>
    private void Finish(Waiter waiter, HoldOutcome outcome)
    {
        line.Remove(waiter);
        counts.LeaveWaking();
        waiter.Complete(outcome);
    }

    private void Expire()
    {
        lock (gate)
        {
            due = long.MaxValue;
            var now = clock.GetTimestamp();
            FinishWhere(w => w.Deadline <= now, HoldOutcome.TimedOut);
            var next = long.MaxValue;
            for (var waiter = line.First; waiter is not null; waiter = waiter.Next)
            {
                next = Math.Min(next, waiter.Deadline);
            }

            Arm(next);
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
                    Finish(waiter, outcome);
                }

                waiter = next;
            }
        }
    }

    /// <summary>Under the lock: one timer for the whole line, set to its earliest deadline.</summary>
    private void Arm(long deadline)
    {
        if (deadline >= due)
        {
            return;
        }

        due = deadline;
        var wait = clock.GetElapsedTime(clock.GetTimestamp(), deadline);
        timer ??= clock.CreateTimer(static queue => ((HoldQueue)queue!).Expire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer.Change(wait > Granularity ? wait : Granularity, Timeout.InfiniteTimeSpan);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Holding requests for {Route}: no pod is ready.")]
    private partial void LogHolding(RouteId route);

    [LoggerMessage(Level = LogLevel.Information, Message = "Released {Count} held requests of {Route} after {Milliseconds} ms.")]
    private partial void LogReleased(RouteId route, int count, long milliseconds);
}
