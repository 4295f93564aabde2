namespace Wakegate.Bench.Running;

/// <summary>How much is measured.</summary>
/// <param name="Rounds">How often each contestant has its turn; contestants take turns within a round.</param>
/// <param name="Turn">How long a turn lasts.</param>
internal sealed record Plan(int Rounds, TimeSpan Turn)
{
    /// <summary>Before the first round: connections are open, and the runtime has compiled for good what runs often, which takes it some ten seconds.</summary>
    public TimeSpan WarmUp { get; } = TimeSpan.FromSeconds(15);
}
