namespace Wakegate.Interceptor.Holding;

/// <summary>How long a route's last wake-ups took. Used under its queue's lock.</summary>
internal sealed class ColdStarts
{
    private static readonly TimeSpan Unknown = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly TimeSpan[] last = new TimeSpan[8];
    private int count;

    public void Add(TimeSpan duration) => last[count++ % last.Length] = duration;

    /// <summary>When a client that is sent away may well be served: what is left of a usual wake-up, and at least a second.</summary>
    /// <param name="elapsed">How long the one under way has taken.</param>
    public TimeSpan Remaining(TimeSpan elapsed)
    {
        var known = last.AsSpan(0, Math.Min(count, last.Length)).ToArray();
        Array.Sort(known);
        var usual = known.Length == 0 ? Unknown : known[known.Length / 2];
        return TimeSpan.FromSeconds(Math.Clamp((usual - elapsed).TotalSeconds, 1, Longest.TotalSeconds));
    }
}
