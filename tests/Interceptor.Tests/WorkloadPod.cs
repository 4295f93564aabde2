using k8s;
using k8s.Models;

namespace Wakegate.Interceptor.Tests;

/// <summary>Pods of the shop as the kubelet reports them, without an EndpointSlice.</summary>
internal static class WorkloadPod
{
    /// <summary>The shop's Service, which selects app=shop and sends to the pods' port of this number.</summary>
    public static Task TargetAsync(this IKubernetes kubernetes, int port) => kubernetes.CoreV1.PatchNamespacedServiceAsync(
        new V1Patch(new { spec = new { ports = new[] { new { name = "http", port = 80, targetPort = port } } } }, V1Patch.PatchType.MergePatch),
        "shop", KubernetesObjects.Namespace);

    public static Task<V1Pod> AddPodAsync(
        this IKubernetes kubernetes, string name, V1Probe? probe = null, Action<V1PodSpec>? also = null, params string[] finalizers)
    {
        var spec = new V1PodSpec { Containers = [new() { Name = "web", Image = "shop:1", ReadinessProbe = probe }] };
        also?.Invoke(spec);
        return kubernetes.CoreV1.CreateNamespacedPodAsync(
            new V1Pod
            {
                Metadata = new() { Name = name, Labels = new Dictionary<string, string> { ["app"] = "shop" }, Finalizers = finalizers is [] ? null : finalizers },
                Spec = spec,
            },
            KubernetesObjects.Namespace);
    }

    /// <summary>At once, as the kubelet does when a pod's containers have ended.</summary>
    public static Task<V1Pod> DeletePodAsync(this IKubernetes kubernetes, string name) =>
        kubernetes.CoreV1.DeleteNamespacedPodAsync(name, KubernetesObjects.Namespace, gracePeriodSeconds: 0);

    /// <summary>Running, ready or not.</summary>
    public static Task ReportAsync(this IKubernetes kubernetes, string name, bool ready, string address = "127.0.0.1", int restarts = 0) => kubernetes.ReportAsync(name, new()
    {
        Phase = "Running",
        PodIP = address,
        PodIPs = [new() { Ip = address }],
        Conditions = [new() { Type = "Ready", Status = ready ? "True" : "False" }],
        ContainerStatuses = [Container(ready, restarts, new() { Running = new() })],
    });

    /// <summary>The same with a second container that has no probe, or a sidecar: it runs and so is ready, or its image is still on its way.</summary>
    public static Task ReportWithAsync(this IKubernetes kubernetes, string name, string other, bool sidecar, bool runs)
    {
        var status = new V1ContainerStatus
        {
            Name = other,
            Image = "mesh:1",
            ImageID = "",
            Ready = runs,
            State = runs ? new() { Running = new() } : new() { Waiting = new() { Reason = "ContainerCreating" } },
        };
        var own = Container(ready: false, restarts: 0, new() { Running = new() });
        return kubernetes.ReportAsync(name, new()
        {
            Phase = runs ? "Running" : "Pending",
            PodIP = "127.0.0.1",
            PodIPs = [new() { Ip = "127.0.0.1" }],
            Conditions = [new() { Type = "Ready", Status = "False" }],
            InitContainerStatuses = sidecar ? [status] : null,
            ContainerStatuses = sidecar ? [own] : [own, status],
        });
    }

    /// <summary>Running and not ready, though it has been since it started.</summary>
    public static Task ReportNoLongerReadyAsync(this IKubernetes kubernetes, string name, string address, DateTime started) => kubernetes.ReportAsync(name, new()
    {
        Phase = "Running",
        PodIP = address,
        PodIPs = [new() { Ip = address }],
        Conditions = [new() { Type = "Ready", Status = "False", LastTransitionTime = started.AddMinutes(1) }],
        ContainerStatuses = [Container(ready: false, restarts: 0, new() { Running = new() { StartedAt = started } })],
    });

    /// <summary>A container that waits.</summary>
    public static Task ReportWaitingAsync(this IKubernetes kubernetes, string name, string reason, string message, int restarts = 0) => kubernetes.ReportAsync(name, new()
    {
        Phase = "Pending",
        Conditions = [new() { Type = "PodScheduled", Status = "True" }],
        ContainerStatuses = [Container(false, restarts, new() { Waiting = new() { Reason = reason, Message = message } })],
    });

    public static Task ReportUnschedulableAsync(this IKubernetes kubernetes, string name) => kubernetes.ReportAsync(name, new()
    {
        Phase = "Pending",
        Conditions = [new() { Type = "PodScheduled", Status = "False", Reason = "Unschedulable", Message = "0/3 nodes are available" }],
    });

    private static Task<V1Pod> ReportAsync(this IKubernetes kubernetes, string name, V1PodStatus status) => kubernetes.CoreV1.PatchNamespacedPodStatusAsync(
        new V1Patch(new V1Pod { Status = status }, V1Patch.PatchType.MergePatch), name, KubernetesObjects.Namespace);

    private static V1ContainerStatus Container(bool ready, int restarts, V1ContainerState state) =>
        new() { Name = "web", Image = "shop:1", ImageID = "", Ready = ready, RestartCount = restarts, State = state };
}
