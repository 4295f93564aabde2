using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace Wakegate.Local.Keda;

/// <summary>A Deployment's replicas, through its <c>scale</c> subresource.</summary>
internal sealed class ScaleTarget(IKubernetes kubernetes, string @namespace)
{
    /// <summary>The wanted replicas; null where there is no such Deployment.</summary>
    public async Task<int?> ReadAsync(string deployment, CancellationToken cancellation)
    {
        try
        {
            var scale = await kubernetes.AppsV1.ReadNamespacedDeploymentScaleAsync(deployment, @namespace, cancellationToken: cancellation);
            return scale.Spec.Replicas ?? 0;
        }
        catch (HttpOperationException missing) when (missing.Response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>A patch of this one field: a pod that starts meanwhile changes the Deployment's status, and must not make this fail.</summary>
    public Task WriteAsync(string deployment, int replicas, CancellationToken cancellation)
    {
        var patch = new V1Patch(new { spec = new { replicas } }, V1Patch.PatchType.MergePatch);
        return kubernetes.AppsV1.PatchNamespacedDeploymentScaleAsync(patch, deployment, @namespace, cancellationToken: cancellation);
    }
}
