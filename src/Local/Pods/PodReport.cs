using System.Globalization;
using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Wakegate.Local.Controllers;

namespace Wakegate.Local.Pods;

/// <summary>Tells the API what became of one pod. While the API is away it tries again; that the pod is gone from it is no fault.</summary>
internal sealed class PodReport(IKubernetes client, V1Pod pod, TimeProvider clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    public Task StatusAsync(PodStatus status, CancellationToken cancellation) => InsistAsync(
        () => client.CoreV1.PatchNamespacedPodStatusAsync(
            new V1Patch(new { status = status.ToApi() }, V1Patch.PatchType.MergePatch), pod.Name(), pod.Namespace(), cancellationToken: cancellation),
        cancellation);

    /// <summary>Where all pods share an address: the port by which this one is told apart.</summary>
    public Task PortAsync(int port, CancellationToken cancellation) => InsistAsync(
        () => client.CoreV1.PatchNamespacedPodAsync(
            new V1Patch(
                new { metadata = new { annotations = new Dictionary<string, string>(StringComparer.Ordinal) { [SliceContents.LocalPort] = port.ToString(CultureInfo.InvariantCulture) } } },
                V1Patch.PatchType.MergePatch),
            pod.Name(),
            pod.Namespace(),
            cancellationToken: cancellation),
        cancellation);

    /// <summary>The pod has ended: its last trace goes.</summary>
    public Task GoneAsync(CancellationToken cancellation) => InsistAsync(
        () => client.CoreV1.DeleteNamespacedPodAsync(
            pod.Name(),
            pod.Namespace(),
            new V1DeleteOptions { GracePeriodSeconds = 0, Preconditions = new V1Preconditions { Uid = pod.Uid() } },
            cancellationToken: cancellation),
        cancellation);

    /// <summary>A Warning on the pod, for <c>kubectl get events</c>.</summary>
    public Task WarnAsync(string reason, string message, CancellationToken cancellation) => InsistAsync(
        () => client.CoreV1.CreateNamespacedEventAsync(Warning(reason, message), pod.Namespace(), cancellationToken: cancellation), cancellation);

    private Corev1Event Warning(string reason, string message) => new()
    {
        Metadata = new() { GenerateName = $"{pod.Name()}.", NamespaceProperty = pod.Namespace() },
        InvolvedObject = new() { ApiVersion = "v1", Kind = V1Pod.KubeKind, Name = pod.Name(), NamespaceProperty = pod.Namespace(), Uid = pod.Uid() },
        Type = "Warning",
        Reason = reason,
        Message = message,
        Source = new() { Component = "kubelet", Host = DeploymentController.Node },
        FirstTimestamp = clock.GetUtcNow().UtcDateTime,
        LastTimestamp = clock.GetUtcNow().UtcDateTime,
        Count = 1,
    };

    private async Task InsistAsync(Func<Task> write, CancellationToken cancellation)
    {
        while (!await TryAsync(write, cancellation))
            await Task.Delay(Pause, clock, cancellation);
    }

    private static async Task<bool> TryAsync(Func<Task> write, CancellationToken cancellation)
    {
        try
        {
            await write();
            return true;
        }
        catch (HttpOperationException failure)
        {
            // A refusal stays one however often it is asked again; only a server that has trouble may think otherwise.
            return failure.Response.StatusCode < HttpStatusCode.InternalServerError && failure.Response.StatusCode != HttpStatusCode.TooManyRequests;
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return false;
        }
    }
}
