namespace Wakegate.Local.Keda;

/// <summary>What happened to a ScaledObject.</summary>
internal enum KedaEventKind
{
    /// <summary>Streams are open and polls run, or run anew after a change.</summary>
    Watched,

    /// <summary>A poll is done; the detail is what it came to.</summary>
    Polled,

    /// <summary>The HPA has had its turn.</summary>
    Balanced,

    /// <summary>The scaler pushed <c>true</c>.</summary>
    PushedActive,

    /// <summary>From zero, or from the idle count.</summary>
    Woken,

    /// <summary>More replicas, by the HPA or up to the minimum.</summary>
    ScaledUp,

    /// <summary>Fewer replicas, by the HPA.</summary>
    ScaledDown,

    /// <summary>To zero, or to the idle count.</summary>
    Rested,

    /// <summary>A poll failed: replicas stay as they are until one succeeds.</summary>
    Frozen,

    /// <summary>The first poll that succeeded after <see cref="Frozen"/>.</summary>
    Thawed,

    /// <summary>A stream ended; the detail says how, and when it is opened again.</summary>
    StreamEnded,

    /// <summary>A stream was opened again after its end.</summary>
    StreamReopened,

    /// <summary>There is no Deployment of that name; tried again with each poll.</summary>
    TargetMissing,

    /// <summary>The Kubernetes API did not do what was asked; tried again with the next beat.</summary>
    KubernetesFailed,

    /// <summary>The scaler did what KEDA's contract, or ours with KEDA, forbids.</summary>
    ContractViolated,

    /// <summary>The ScaledObject asks for something that is not played.</summary>
    NotPlayed,

    /// <summary>Paused by annotation.</summary>
    Paused,

    /// <summary>A bug: this ScaledObject is not looked after any more until it changes.</summary>
    Crashed,

    /// <summary>The ScaledObject is gone; its Deployment stays as it is.</summary>
    Forgotten,
}

/// <summary>One line of the story of how KEDA scaled a workload.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Namespace">The ScaledObject's.</param>
/// <param name="ScaledObject">The ScaledObject's name.</param>
/// <param name="At">When.</param>
internal sealed record KedaEvent(KedaEventKind Kind, string Namespace, string ScaledObject, DateTimeOffset At)
{
    /// <summary>Replicas before; null where none changed.</summary>
    public int? From { get; init; }

    /// <summary>Replicas after; null where none changed.</summary>
    public int? To { get; init; }

    /// <summary>What else there is to say: an error's text, the next try.</summary>
    public string? Detail { get; init; }
}
