namespace Wakegate.Interceptor.Observing;

/// <summary>How long a route has been at zero: without any endpoint, ready or not.</summary>
internal sealed class ZeroTime(TimeProvider clock)
{
    // Guards both.
    private readonly Lock gate = new();
    private TimeSpan before;
    private long? since;

    /// <summary>Whether it is now.</summary>
    public bool Now
    {
        get
        {
            lock (gate)
            {
                return since is not null;
            }
        }
    }

    /// <summary>Since this route appeared, all in all.</summary>
    public TimeSpan Total
    {
        get
        {
            lock (gate)
            {
                return since is { } began ? before + clock.GetElapsedTime(began) : before;
            }
        }
    }

    public void Set(bool atZero)
    {
        lock (gate)
        {
            if (since is { } began && !atZero)
            {
                before += clock.GetElapsedTime(began);
                since = null;
            }
            else if (since is null && atZero)
            {
                since = clock.GetTimestamp();
            }
        }
    }
}
