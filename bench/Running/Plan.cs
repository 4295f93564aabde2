namespace Wakegate.Bench.Running;

/// <summary>How much is measured.</summary>
/// <param name="Rounds">How often each contestant has its turn; contestants take turns within a round.</param>
/// <param name="Turn">How long a turn lasts.</param>
internal sealed record Plan(int Rounds, TimeSpan Turn)
{
    /// <summary>
    /// Loads before the first round. Some seconds of them, since the runtime waits until what runs often is compiled for good; and some dozens of connections, since what runs
    /// once for each of them is compiled too.
    /// </summary>
    public int WarmUpTurns { get; } = 15;

    /// <summary>How long each of those lasts.</summary>
    public TimeSpan WarmUpTurn { get; } = TimeSpan.FromSeconds(1);

    /// <summary>The same rounds in several parts.</summary>
    public IEnumerable<Plan> Split(int parts) => Enumerable.Range(0, parts)
        .Select(part => this with { Rounds = (Rounds + part) / parts })
        .Where(part => part.Rounds > 0);
}
