using Wakegate.Interceptor.Watching;

namespace Wakegate.Interceptor.Waking;

/// <summary>What keeps a route's pods from becoming ready, in a sentence for whoever asks why they got no answer.</summary>
/// <param name="Reason">The sentence.</param>
/// <param name="UnschedulablePod">The uid of a pod that no node has room for: a node may be on its way.</param>
internal sealed record Obstacle(string Reason, string? UnschedulablePod = null)
{
    /// <summary>
    /// A container that has failed this often while it was waited for is in a crash loop, though it may be running at the moment.
    /// </summary>
    private const int CrashLoop = 2;

    /// <summary>What the kubelet says when a container cannot be started, and waiting alone seldom helps.</summary>
    private static readonly HashSet<string> Hopeless = new(StringComparer.Ordinal)
    {
        "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "CreateContainerConfigError", "CreateContainerError",
        "RunContainerError", "CrashLoopBackOff",
    };

    /// <summary>Null where at least one of the pods may well become ready, or there is none.</summary>
    /// <param name="pods">All of a route.</param>
    /// <param name="outlook">What was known of them before.</param>
    public static Obstacle? Of(IReadOnlyCollection<PodObject> pods, RouteOutlook outlook)
    {
        Obstacle? first = null;
        foreach (var pod in pods)
        {
            if (Of(pod, outlook) is not { } obstacle)
            {
                return null;
            }

            first ??= obstacle;
        }

        return first;
    }

    /// <summary>KEDA's pause, which leaves the workload at zero; null where it is not paused.</summary>
    public static Obstacle? OfPause(IReadOnlyDictionary<string, string>? annotations)
    {
        const string Paused = "autoscaling.keda.sh/paused";
        const string PausedReplicas = "autoscaling.keda.sh/paused-replicas";
        if (annotations is null)
        {
            return null;
        }

        if (annotations.TryGetValue(PausedReplicas, out var replicas))
        {
            return new($"scaling is paused at {replicas} replicas by its annotation {PausedReplicas}; remove the annotation to resume.");
        }

        // All that Go's strconv.ParseBool reads as false. KEDA takes whatever is neither true nor false for a pause (NeedToBePausedByAnnotation).
        return annotations.TryGetValue(Paused, out var paused) && paused is not ("0" or "f" or "F" or "FALSE" or "false" or "False")
            ? new($"scaling is paused by its annotation {Paused}; remove the annotation to resume.")
            : null;
    }

    private static Obstacle? Of(PodObject pod, RouteOutlook outlook)
    {
        if (pod.Status.Condition("PodScheduled") is { Status: "False", Reason: "Unschedulable" } unscheduled)
        {
            return new($"pod {pod.Metadata.Name} cannot be scheduled: {unscheduled.Message}", pod.Metadata.Uid);
        }

        foreach (var container in (pod.Status.InitContainerStatuses ?? []).Concat(pod.Status.ContainerStatuses ?? []))
        {
            if (container.State?.Waiting is { Reason: { } reason } waiting && Hopeless.Contains(reason))
            {
                return new($"container {container.Name} of pod {pod.Metadata.Name} does not start: {reason}: {waiting.Message}");
            }
        }

        // Init containers may fail on purpose until what they wait for is there: of them only the kubelet's word counts.
        return Array.Find(pod.Status.ContainerStatuses ?? [], c => !c.Ready && outlook.FailuresOf(pod, c) >= CrashLoop) is { } failing
            ? new($"container {failing.Name} of pod {pod.Metadata.Name} has failed {outlook.FailuresOf(pod, failing)} times while it was waited for; see kubectl logs --previous.")
            : null;
    }
}
