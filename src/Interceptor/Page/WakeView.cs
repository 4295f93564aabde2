using Wakegate.Interceptor.Waking;

namespace Wakegate.Interceptor.Page;

/// <summary>A wake-up as a page shows it. Lengths are in ms; null is a step that has not come, or was not seen.</summary>
internal sealed record WakeView
{
    /// <summary>When the request that caused it arrived, in ms since 1970.</summary>
    public required long At { get; init; }

    /// <summary>Until the scaler is told.</summary>
    public int? Signalled { get; init; }

    /// <summary>From there, until a pod has a node.</summary>
    public int? Scheduled { get; init; }

    /// <summary>From there, until a container runs.</summary>
    public int? Started { get; init; }

    /// <summary>From there, until an endpoint takes traffic.</summary>
    public int? Ready { get; init; }

    /// <summary>From there, until the first byte is at the pod.</summary>
    public int? Released { get; init; }

    /// <summary>All in all, once it has ended.</summary>
    public int? Total { get; init; }

    /// <summary>Null while it goes on.</summary>
    public string? Outcome { get; init; }

    public WakeCause? Cause { get; init; }

    public static WakeView Of(Wake wake, TimeProvider clock)
    {
        var last = wake.Arrived;
        return new()
        {
            At = wake.At.ToUnixTimeMilliseconds(),
            Signalled = Since(wake.Signalled),
            Scheduled = Since(wake.Scheduled),
            Started = Since(wake.Started),
            Ready = Since(wake.Ready),
            Released = Since(wake.Reached),
            Total = wake.Ended is { } ended ? Length(wake.Arrived, wake.Outcome == WakeOutcome.Served ? last : ended) : null,
            Outcome = wake.Outcome is { } outcome ? WakeMetrics.Name(outcome) : null,
            Cause = wake.Cause,
        };

        // Steps that were seen in another order count from the latest before them.
        int? Since(long? step)
        {
            if (step is not { } at)
            {
                return null;
            }

            var from = last;
            last = Math.Max(last, at);
            return Length(from, last);
        }

        int Length(long from, long to) => (int)Math.Round(clock.GetElapsedTime(from, to).TotalMilliseconds);
    }
}
