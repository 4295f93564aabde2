using k8s;
using k8s.Models;

namespace Wakegate.Local.Controllers;

/// <summary>What a Deployment's pods amount to.</summary>
internal static class RolloutStatus
{
    public static V1DeploymentStatus Of(V1Deployment deployment, IEnumerable<V1Pod> pods, DateTimeOffset now)
    {
        var wanted = deployment.Spec.Replicas ?? 1;
        var active = pods.Where(PodState.IsActive).ToList();
        var updated = active.Count(pod => PodTemplate.IsCurrent(deployment, pod));
        var ready = active.Count(PodState.IsReady);
        var available = ready >= wanted;
        var complete = updated == wanted && ready == wanted && active.Count == wanted;
        return new V1DeploymentStatus
        {
            ObservedGeneration = deployment.Metadata.Generation,
            Replicas = active.Count,
            UpdatedReplicas = updated,
            ReadyReplicas = ready,
            AvailableReplicas = ready,
            UnavailableReplicas = Math.Max(0, wanted - ready),
            Conditions =
            [
                Condition(deployment, "Available", available, available ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable", now),
                Condition(deployment, "Progressing", true, complete ? "NewReplicaSetAvailable" : "ReplicaSetUpdated", now),
            ],
        };
    }

    /// <summary>Whether writing it would change nothing.</summary>
    public static bool Same(V1DeploymentStatus a, V1DeploymentStatus? b) =>
        b is not null && KubernetesJson.Serialize(a) == KubernetesJson.Serialize(b);

    // The times are of the last change: a condition that says what it said before keeps them.
    private static V1DeploymentCondition Condition(V1Deployment deployment, string type, bool holds, string reason, DateTimeOffset now)
    {
        var status = holds ? "True" : "False";
        var before = deployment.Status?.Conditions?.FirstOrDefault(condition => condition.Type == type);
        if (before is not null && (before.Status, before.Reason) == (status, reason))
            return before;
        var since = before is not null && before.Status == status ? before.LastTransitionTime : WholeSeconds(now);
        return new V1DeploymentCondition
        {
            Type = type,
            Status = status,
            Reason = reason,
            LastTransitionTime = since,
            LastUpdateTime = WholeSeconds(now),
        };
    }

    private static DateTime WholeSeconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds()).UtcDateTime;
}
