namespace Wakegate.Contracts.Triggers;

/// <summary>What a trigger's metadata says, or all that is wrong with it.</summary>
public sealed record TriggerParse
{
    /// <summary>The route, or null where anything was refused.</summary>
    public RouteSpec? Spec { get; init; }

    /// <summary>Everything that was refused; empty exactly when there is a <see cref="Spec"/>.</summary>
    public required IReadOnlyList<Refusal> Refusals { get; init; }

    /// <summary>The hosts that parsed, also when the rest is refused: they can be answered for.</summary>
    public required IReadOnlyList<HostPattern> Hosts { get; init; }

    /// <summary>The trigger's <c>route</c>; the ScaledObject's name where none is given or it is refused.</summary>
    public required string Route { get; init; }
}

/// <summary>The part of a trigger's metadata that the scaler reads.</summary>
public sealed record ScalingParse
{
    /// <summary>The trigger's <c>route</c>; the ScaledObject's name where none is given or it is refused.</summary>
    public required string Route { get; init; }

    /// <summary>What to scale by, with the default wherever a value was refused: KEDA must always get an answer.</summary>
    public required ScalingSpec Scaling { get; init; }

    /// <summary>What was refused of the keys that the scaler reads, and of no others.</summary>
    public required IReadOnlyList<Refusal> Refusals { get; init; }
}
