namespace Wakegate.Local.Narration;

/// <summary>What Local tells of.</summary>
internal enum Step
{
    /// <summary>A route's first request is held.</summary>
    Held,

    /// <summary>The scaler told KEDA.</summary>
    Signalled,

    /// <summary>Replicas changed.</summary>
    Scaled,

    /// <summary>A pod's process runs.</summary>
    Started,

    /// <summary>A pod takes traffic.</summary>
    Ready,

    /// <summary>Held requests were forwarded.</summary>
    Released,

    /// <summary>Replicas are zero again.</summary>
    Rested,

    /// <summary>A pod is told to end, or has ended.</summary>
    Stopped,

    /// <summary>Worth a line, and nothing to worry about.</summary>
    Note,

    /// <summary>Something is wrong; told also to those who want to hear of nothing else.</summary>
    Problem,
}

/// <summary>One event of the story.</summary>
/// <param name="At">When it happened.</param>
/// <param name="Step">What it is.</param>
/// <param name="Workload">The namespace and Deployment it belongs to; empty for what belongs to none.</param>
/// <param name="Subject">Who it happened to: a workload, a pod, a part of Local.</param>
/// <param name="Text">What happened.</param>
internal sealed record Happening(DateTimeOffset At, Step Step, string Workload, string Subject, string Text);
