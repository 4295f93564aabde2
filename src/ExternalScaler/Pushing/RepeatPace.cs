namespace Wakegate.ExternalScaler.Pushing;

/// <summary>
/// Spaces the repeats of all streams. Each costs KEDA a write to the API server, of which it makes 20 a second for everything. Streams get
/// their turns in the order in which they ask, so that among thousands none starves.
/// </summary>
internal sealed class RepeatPace(TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly long origin = clock.GetTimestamp();

    // Guards next.
    private readonly Lock gate = new();
    private TimeSpan next;

    /// <summary>Takes the next free turn, and says how long it is until then.</summary>
    public TimeSpan Reserve()
    {
        lock (gate)
        {
            var now = clock.GetElapsedTime(origin);
            var turn = next > now ? next : now;
            next = turn + Interval;
            return turn - now;
        }
    }
}
