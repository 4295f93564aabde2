using Wakegate.Interceptor.Draining;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>
/// The time-outs of one attempt, as a token: first until the response's headers, then for the rest of the exchange. Pooled, since nearly
/// every request has one and nearly none needs it.
/// </summary>
internal sealed class ForwardDeadline : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly CancellationTokenRegistration streamsEnd;
    private readonly ITimer timer;
    private readonly TimeProvider clock;
    private long exchangeEnds;

    public ForwardDeadline(TimeProvider clock, Drain drain)
    {
        this.clock = clock;
        timer = clock.CreateTimer(static d => ((ForwardDeadline)d!).Expire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        // Once for each pooled object, not for each request: when the server must go, whatever is still open ends.
        streamsEnd = drain.StreamsEnd.UnsafeRegister(static s => ((CancellationTokenSource)s!).Cancel(), source);
    }

    public CancellationToken Token => source.Token;

    /// <summary>Whether the time ran out (rather than that the server is stopping).</summary>
    public bool Expired { get; private set; }

    /// <param name="responseTimeout">From now until the response's headers; zero is no limit.</param>
    /// <param name="exchangeEnds">A timestamp of the clock; <see cref="long.MaxValue"/> is no limit.</param>
    public void Start(TimeSpan responseTimeout, long exchangeEnds)
    {
        this.exchangeEnds = exchangeEnds;
        var rest = Rest();
        var first = responseTimeout > TimeSpan.Zero && responseTimeout < rest ? responseTimeout : rest;
        if (first != TimeSpan.MaxValue)
        {
            timer.Change(first, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The response's headers are here.</summary>
    public void ResponseStarted()
    {
        var rest = Rest();
        timer.Change(rest == TimeSpan.MaxValue ? Timeout.InfiniteTimeSpan : rest, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Makes it ready for another attempt; false where it has been used up.</summary>
    public bool TryReset()
    {
        timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        return source.TryReset();
    }

    public void Dispose()
    {
        timer.Dispose();
        streamsEnd.Dispose();
        source.Dispose();
    }

    private TimeSpan Rest()
    {
        if (exchangeEnds == long.MaxValue)
        {
            return TimeSpan.MaxValue;
        }

        var rest = clock.GetElapsedTime(clock.GetTimestamp(), exchangeEnds);
        return rest > TimeSpan.Zero ? rest : TimeSpan.Zero;
    }

    private void Expire()
    {
        Expired = true;
        source.Cancel();
    }
}
