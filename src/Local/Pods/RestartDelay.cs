namespace Wakegate.Local.Pods;

/// <summary>How long a crashed container waits before it starts again: 1 s, doubling up to a minute; anew after a run of ten minutes.</summary>
internal sealed class RestartDelay
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Healthy = TimeSpan.FromMinutes(10);

    private TimeSpan next = First;

    public TimeSpan After(TimeSpan run)
    {
        var delay = run >= Healthy ? First : next;
        next = TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, Longest.Ticks));
        return delay;
    }
}
