using k8s;
using k8s.Models;

namespace Wakegate.Local.Controllers;

/// <summary>
/// Keeps as many pods as each Deployment wants, and its status. A Deployment owns its pods directly: there are no ReplicaSets here, and no
/// scheduler, so pods are born on the one node there is.
/// </summary>
internal sealed partial class DeploymentController(IKubernetes client, TimeProvider clock, ILogger<DeploymentController> log)
    : BackgroundService
{
    /// <summary>The name of this machine, as a node.</summary>
    public const string Node = "local";

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => new Changes(clock)
        .OfDeployments(client)
        .OfPods(client)
        .DriveAsync(ReconcileAsync, LogFailed, stoppingToken);

    private async Task ReconcileAsync(CancellationToken stop)
    {
        // Pods after Deployments: a pod whose owner is not in the first list has lost it, and is not merely newer.
        var deployments = await client.AppsV1.ListDeploymentForAllNamespacesAsync(cancellationToken: stop);
        var pods = await client.CoreV1.ListPodForAllNamespacesAsync(cancellationToken: stop);
        var owned = pods.Items.Where(pod => OwnerOf(pod) is not null).ToLookup(pod => OwnerOf(pod)!, StringComparer.Ordinal);

        foreach (var deployment in deployments.Items)
            await ReconcileAsync(deployment, [.. owned[deployment.Metadata.Uid]], stop);
        var known = deployments.Items.Select(deployment => deployment.Metadata.Uid).ToHashSet(StringComparer.Ordinal);
        foreach (var orphan in owned.Where(pods => !known.Contains(pods.Key)).SelectMany(pods => pods).Where(PodState.IsActive))
            await DeleteAsync(orphan, stop);
    }

    private async Task ReconcileAsync(V1Deployment deployment, IReadOnlyList<V1Pod> pods, CancellationToken stop)
    {
        var plan = RolloutPlan.Of(deployment, pods);
        for (var i = 0; i < plan.Create; i++)
            await client.CoreV1.CreateNamespacedPodAsync(PodTemplate.NewPod(deployment), deployment.Namespace(), cancellationToken: stop);
        foreach (var pod in plan.Delete)
            await DeleteAsync(pod, stop);

        var status = RolloutStatus.Of(deployment, pods, clock.GetUtcNow());
        if (RolloutStatus.Same(status, deployment.Status))
            return;
        deployment.Status = status;
        var (name, inNamespace) = (deployment.Name(), deployment.Namespace());
        await client.AppsV1.ReplaceNamespacedDeploymentStatusAsync(deployment, name, inNamespace, cancellationToken: stop);
    }

    private async Task DeleteAsync(V1Pod pod, CancellationToken stop)
    {
        var options = new V1DeleteOptions { Preconditions = new V1Preconditions { Uid = pod.Uid() } };
        await client.CoreV1.DeleteNamespacedPodAsync(pod.Name(), pod.Namespace(), options, cancellationToken: stop);
    }

    private static string? OwnerOf(V1Pod pod) => pod.OwnerReferences()?.FirstOrDefault(owner => owner.Kind is V1Deployment.KubeKind)?.Uid;

    [LoggerMessage(Level = LogLevel.Warning, Message = "Deployments could not be reconciled, and will be again in a moment.")]
    private partial void LogFailed(Exception failure);
}
