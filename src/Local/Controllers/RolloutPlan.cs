using k8s.Models;

namespace Wakegate.Local.Controllers;

/// <summary>One step towards what a Deployment wants; its effects lead to the next.</summary>
/// <param name="Create">How many pods of the present template to add.</param>
/// <param name="Delete">Pods to stop.</param>
internal sealed record RolloutPlan(int Create, IReadOnlyList<V1Pod> Delete)
{
    public static RolloutPlan Of(V1Deployment deployment, IReadOnlyList<V1Pod> pods)
    {
        var wanted = deployment.Spec.Replicas ?? 1;
        var active = pods.Where(PodState.IsActive).ToList();
        var old = active.Where(pod => !PodTemplate.IsCurrent(deployment, pod)).ToList();
        var current = active.Except(old).ToList();
        if (old.Count == 0)
            return new RolloutPlan(MayCreate(deployment, pods) ? Math.Max(0, wanted - current.Count) : 0, [.. Surplus(current, wanted)]);
        if (Recreates(deployment))
            return new RolloutPlan(0, old);

        // One pod more than wanted while templates change, and never fewer ready ones: old pods go as new ones become ready.
        var create = Math.Clamp(wanted + 1 - active.Count, 0, Math.Max(0, wanted - current.Count));
        var spare = active.Count(PodState.IsReady) - wanted;
        var unready = old.Where(pod => !PodState.IsReady(pod));
        return new RolloutPlan(create, [.. unready, .. old.Where(PodState.IsReady).Take(Math.Max(0, spare)), .. Surplus(current, wanted)]);
    }

    private static bool Recreates(V1Deployment deployment) => deployment.Spec.Strategy?.Type is "Recreate";

    // With Recreate, no new pod runs beside an old one, not even beside one that is stopping.
    private static bool MayCreate(V1Deployment deployment, IReadOnlyList<V1Pod> pods) =>
        !Recreates(deployment) || pods.All(pod => PodState.HasEnded(pod) || PodTemplate.IsCurrent(deployment, pod));

    // As the real controller does: first those that are of no use yet, then the youngest.
    private static IEnumerable<V1Pod> Surplus(List<V1Pod> pods, int wanted) => pods
        .OrderBy(PodState.IsReady)
        .ThenByDescending(pod => pod.Metadata.CreationTimestamp)
        .Take(Math.Max(0, pods.Count - wanted));
}
