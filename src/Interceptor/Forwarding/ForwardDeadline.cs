using Wakegate.Interceptor.Draining;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>
/// The time-outs of one attempt, as a token: first until the response's headers, then for the rest of the exchange. Pooled, since nearly
/// every request has one and nearly none needs it. For the same reason its timer is not set anew for each: one that is set for an earlier
/// time is left alone, and looks when it fires whether it is time.
/// </summary>
internal sealed class ForwardDeadline : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly CancellationTokenRegistration streamsEnd;
    private readonly ITimer timer;
    private readonly TimeProvider clock;

    // Guards what follows. Timestamps of the clock; MaxValue is never.
    private readonly Lock gate = new();
    private long due = long.MaxValue;
    private long armedFor = long.MaxValue;
    private long exchangeEnds;
    private bool expired;

    public ForwardDeadline(TimeProvider clock, Drain drain)
    {
        this.clock = clock;
        timer = clock.CreateTimer(static d => ((ForwardDeadline)d!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        // Once for each pooled object, not for each request: when the server must go, whatever is still open ends.
        streamsEnd = drain.StreamsEnd.UnsafeRegister(static s => ((CancellationTokenSource)s!).Cancel(), source);
    }

    public CancellationToken Token => source.Token;

    /// <summary>Whether the time ran out (rather than that the server is stopping).</summary>
    public bool Expired
    {
        get
        {
            lock (gate)
            {
                return expired;
            }
        }
    }

    /// <param name="responseTimeout">From then until the response's headers; zero is no limit.</param>
    /// <param name="exchangeEnds">A timestamp of the clock; <see cref="long.MaxValue"/> is no limit.</param>
    /// <param name="now">When the attempt began; a timestamp of the clock.</param>
    public void Start(TimeSpan responseTimeout, long exchangeEnds, long now)
    {
        lock (gate)
        {
            this.exchangeEnds = exchangeEnds;
            var responseDue = responseTimeout > TimeSpan.Zero ? now + Ticks(responseTimeout) : long.MaxValue;
            SetDue(Math.Min(responseDue, exchangeEnds), now);
        }
    }

    /// <summary>The response's headers are here.</summary>
    public void ResponseStarted()
    {
        lock (gate)
        {
            SetDue(exchangeEnds, now: null);
        }
    }

    /// <summary>The client has left: there is nothing more to wait for.</summary>
    public void Cancel() => source.Cancel();

    /// <summary>Makes it ready for another attempt; false where it has been used up.</summary>
    public bool TryReset()
    {
        lock (gate)
        {
            due = long.MaxValue;
            return !expired && source.TryReset();
        }
    }

    /// <remarks>
    /// The source is left to the garbage collector, which is all that it needs: the timer's callback, or the server's stop, may be about to cancel it.
    /// For the same reason neither is waited for.
    /// </remarks>
    public void Dispose()
    {
        timer.Dispose();
        streamsEnd.Unregister();
    }

    /// <summary>Under the lock.</summary>
    private void SetDue(long at, long? now)
    {
        due = at;
        if (at < armedFor)
        {
            armedFor = at;
            var wait = clock.GetElapsedTime(now ?? clock.GetTimestamp(), at);
            timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    private void Look()
    {
        lock (gate)
        {
            armedFor = long.MaxValue;
            var now = clock.GetTimestamp();
            if (now < due)
            {
                SetDue(due, now);
                return;
            }

            expired = true;
        }

        source.Cancel();
    }

    private long Ticks(TimeSpan time) => (long)(time.TotalSeconds * clock.TimestampFrequency);
}
