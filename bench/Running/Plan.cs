namespace Wakegate.Bench.Running;

/// <summary>How much is measured.</summary>
/// <param name="Rounds">How often each contestant has its turn; contestants take turns within a round.</param>
/// <param name="Turn">How long a turn lasts.</param>
/// <param name="Before">Rounds that came before these, on other starts of the processes.</param>
internal sealed record Plan(int Rounds, TimeSpan Turn, int Before = 0)
{
    /// <summary>
    /// Loads before the first round. Some seconds of them, since the runtime waits until what runs often is compiled for good; and some dozens of connections, since what runs
    /// once for each of them is compiled too.
    /// </summary>
    public int WarmUpTurns { get; } = 15;

    /// <summary>How long each of those lasts.</summary>
    public TimeSpan WarmUpTurn { get; } = TimeSpan.FromSeconds(1);

    /// <summary>The same rounds in several parts.</summary>
    public IEnumerable<Plan> Split(int parts)
    {
        var before = 0;
        for (var part = 0; part < parts; part++)
        {
            var rounds = (Rounds + part) / parts;
            if (rounds > 0)
                yield return this with { Rounds = rounds, Before = before };
            before += rounds;
        }
    }

    /// <summary>In the order of a round's turns, which every second round reverses.</summary>
    public IEnumerable<T> InTurn<T>(IReadOnlyList<T> contestants, int round) => (Before + round) % 2 == 0 ? contestants : contestants.Reverse();
}
