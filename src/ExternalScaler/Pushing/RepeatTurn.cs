namespace Wakegate.ExternalScaler.Pushing;

/// <summary>One stream's turn among all that repeat. Until it is asked for it is in no line, and once disposed of no more.</summary>
internal sealed class RepeatTurn : IDisposable
{
    private readonly RepeatPace pace;

    public RepeatTurn(RepeatPace pace) => (this.pace, Place) = (pace, new(this));

    /// <summary>In the line. The pace's own.</summary>
    public LinkedListNode<RepeatTurn> Place { get; }

    /// <inheritdoc cref="RepeatPace.TryTake"/>
    public bool TryTake(out TimeSpan wait) => pace.TryTake(this, out wait);

    /// <summary>Gives its place up; who asks again is last.</summary>
    public void Leave() => pace.Leave(this);

    public void Dispose() => Leave();
}
