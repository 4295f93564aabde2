using k8s.Models;

namespace Wakegate.Local.Controllers;

/// <summary>What a pod's status means to those who count pods.</summary>
internal static class PodState
{
    /// <summary>Whether it runs or may come to: not one that ended, nor one that is being stopped.</summary>
    public static bool IsActive(V1Pod pod) => pod.Metadata.DeletionTimestamp is null && !HasEnded(pod);

    /// <summary>Whether it ended by itself and will not run again.</summary>
    public static bool HasEnded(V1Pod pod) => pod.Status?.Phase is "Succeeded" or "Failed";

    /// <summary>Whether it says that it can serve, also while it is being stopped.</summary>
    public static bool IsServing(V1Pod pod) =>
        pod.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) ?? false;

    /// <summary>Whether it takes traffic.</summary>
    public static bool IsReady(V1Pod pod) => IsActive(pod) && IsServing(pod);
}
