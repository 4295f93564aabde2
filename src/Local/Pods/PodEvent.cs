using k8s.Models;

namespace Wakegate.Local.Pods;

/// <summary>What happened to a pod.</summary>
internal enum PodEventKind
{
    Started,
    Ready,
    NotReady,
    Crashed,
    Refused,
    Stopping,
    Stopped,
}

/// <summary>One line of a pod's life.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Pod">To which pod.</param>
/// <param name="At">When.</param>
/// <param name="Detail">What else there is to say: where it listens, how it ended.</param>
internal sealed record PodEvent(PodEventKind Kind, V1Pod Pod, DateTimeOffset At, string? Detail = null);
