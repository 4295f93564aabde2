using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace Wakegate.Interceptor.Tests;

/// <summary>A ScaledObject with one trigger of ours, and the Service it names.</summary>
internal sealed record Trigger(string Name, params (string Key, string Value)[] Metadata)
{
    public static Trigger Shop(params (string Key, string Value)[] more) => new(
        "shop", [.. new[] { ("hosts", "shop.test"), ("service", "shop"), ("port", "80") }.ExceptBy(more.Select(m => m.Key), m => m.Item1), .. more]);

    public string FirstHost => Value("hosts").Split(',')[0].Trim().Replace("*", "any", StringComparison.Ordinal);

    public string FirstPath => Metadata.FirstOrDefault(m => m.Key == "pathPrefixes").Value?.Split(',')[0].Trim() ?? "/";

    public string Value(string key) => Metadata.First(m => m.Key == key).Value;
}

/// <summary>Writes a workload's objects as a user or a controller would.</summary>
internal static class KubernetesObjects
{
    public const string Namespace = "store";

    public static async Task ApplyAsync(this IKubernetes kubernetes, Trigger trigger, bool withService = true)
    {
        if (withService)
        {
            await kubernetes.ApplyServiceAsync(trigger.Value("service"));
        }

        var metadata = trigger.Metadata.ToDictionary(m => m.Key, m => m.Value, StringComparer.Ordinal);
        metadata["scalerAddress"] = "wakegate-scaler.wakegate:9090";
        var body = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["apiVersion"] = "keda.sh/v1alpha1",
            ["kind"] = "ScaledObject",
            ["metadata"] = new Dictionary<string, string>(StringComparer.Ordinal) { ["name"] = trigger.Name },
            ["spec"] = new { scaleTargetRef = new { name = trigger.Name }, triggers = new[] { new { type = "external-push", metadata } } },
        };
        try
        {
            await kubernetes.CustomObjects.CreateNamespacedCustomObjectAsync(body, "keda.sh", "v1alpha1", Namespace, "scaledobjects");
        }
        catch (HttpOperationException exists) when (exists.Response.StatusCode == HttpStatusCode.Conflict)
        {
            await kubernetes.CustomObjects.PatchNamespacedCustomObjectAsync(
                new V1Patch(body, V1Patch.PatchType.MergePatch), "keda.sh", "v1alpha1", Namespace, "scaledobjects", trigger.Name);
        }
    }

    public static Task DeleteScaledObjectAsync(this IKubernetes kubernetes, string name) =>
        kubernetes.CustomObjects.DeleteNamespacedCustomObjectAsync("keda.sh", "v1alpha1", Namespace, "scaledobjects", name);

    public static async Task ApplyServiceAsync(this IKubernetes kubernetes, string name, string? appProtocol = null)
    {
        var service = new V1Service
        {
            Metadata = new() { Name = name },
            Spec = new() { Selector = new Dictionary<string, string> { ["app"] = name }, Ports = [new() { Name = "http", Port = 80, AppProtocol = appProtocol }] },
        };
        try
        {
            await kubernetes.CoreV1.CreateNamespacedServiceAsync(service, Namespace);
        }
        catch (HttpOperationException exists) when (exists.Response.StatusCode == HttpStatusCode.Conflict)
        {
            await kubernetes.CoreV1.PatchNamespacedServiceAsync(new V1Patch(service, V1Patch.PatchType.MergePatch), name, Namespace);
        }
    }

    /// <summary>One slice a pod, since in a test each pod has a port of its own; a slice that is no longer wanted is deleted.</summary>
    public static async Task ApplySliceAsync(this IKubernetes kubernetes, string service, params IPEndPoint[] pods)
    {
        var wanted = pods.ToDictionary(p => $"{service}-{p.Port}", StringComparer.Ordinal);
        var existing = await kubernetes.DiscoveryV1.ListNamespacedEndpointSliceAsync(
            Namespace, labelSelector: $"kubernetes.io/service-name={service}");
        foreach (var (name, pod) in wanted.Where(w => existing.Items.All(e => e.Metadata.Name != w.Key)))
        {
            await kubernetes.DiscoveryV1.CreateNamespacedEndpointSliceAsync(Slice(service, name, pod), Namespace);
        }

        foreach (var gone in existing.Items.Where(e => !wanted.ContainsKey(e.Metadata.Name)))
        {
            await kubernetes.DiscoveryV1.DeleteNamespacedEndpointSliceAsync(gone.Metadata.Name, Namespace);
        }
    }

    public static V1EndpointSlice Slice(string service, string name, IPEndPoint pod) => new()
    {
        Metadata = new() { Name = name, Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = service } },
        AddressType = "IPv4",
        Ports = [new() { Name = "http", Port = pod.Port }],
        Endpoints =
        [
            new()
            {
                Addresses = [pod.Address.ToString()],
                Conditions = new() { Ready = true },
                TargetRef = new() { Kind = "Pod", Name = name, NamespaceProperty = Namespace, Uid = $"uid-{name}" },
            },
        ],
    };
}
