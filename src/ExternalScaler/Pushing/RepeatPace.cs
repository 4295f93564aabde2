namespace Wakegate.ExternalScaler.Pushing;

/// <summary>
/// Lets at most four a second, over all streams, be told for another reason than that something has just happened. Each costs KEDA a write to the API server, of which it makes 20 a second for everything. Streams get
/// their turns in the order in which they ask, so that among thousands none starves; what one no longer needs is the next one's.
/// </summary>
internal sealed class RepeatPace(TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    // Whoever is further back asks again after as long as these take: by then many before it may have left.
    private const int Nearest = 20;

    private readonly long origin = clock.GetTimestamp();

    // Guards what follows.
    private readonly Lock gate = new();
    private readonly LinkedList<RepeatTurn> line = [];
    private TimeSpan next;

    /// <summary>True where it is this one's turn, which it has had then. Else it has its place in the line, and is to ask again after so long.</summary>
    public bool TryTake(RepeatTurn turn, out TimeSpan wait)
    {
        lock (gate)
        {
            if (turn.Place.List is null)
                line.AddLast(turn.Place);

            var ahead = line.Take(Nearest).TakeWhile(other => other != turn).Count();
            var now = clock.GetElapsedTime(origin);
            wait = (next > now ? next - now : TimeSpan.Zero) + (ahead * Interval);
            if (wait > TimeSpan.Zero)
                return false;

            line.Remove(turn.Place);
            next = now + Interval;
            return true;
        }
    }

    public void Leave(RepeatTurn turn)
    {
        lock (gate)
        {
            if (turn.Place.List is not null)
                line.Remove(turn.Place);
        }
    }
}
