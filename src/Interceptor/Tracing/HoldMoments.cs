using Wakegate.Interceptor.Holding;
using Wakegate.Interceptor.Waking;

namespace Wakegate.Interceptor.Tracing;

/// <summary>What happened while a request was held.</summary>
internal static class HoldMoments
{
    /// <summary>In order, and only what came after the wait began: a request that joins others has missed the beginning.</summary>
    /// <param name="wakes">Of the request's route.</param>
    /// <param name="since">When its wait began, as a timestamp of the clock.</param>
    /// <param name="hold">How it ended, just now.</param>
    /// <param name="clock">The clock.</param>
    public static IEnumerable<(string Name, TimeSpan After)> Of(RouteWakes wakes, long since, HoldResult hold, TimeProvider clock)
    {
        var wake = hold.Cold ? wakes.Current ?? wakes.Last : null;
        var released = hold.Outcome == HoldOutcome.Released ? clock.GetTimestamp() : (long?)null;
        return new[] { ("signalled", wake?.Signalled), ("pod ready", wake?.Ready), ("released", released) }
            .Where(moment => moment.Item2 >= since)
            .Select(moment => (moment.Item1, After: clock.GetElapsedTime(since, moment.Item2!.Value)))
            .OrderBy(moment => moment.After);
    }
}
