using System.Globalization;
using k8s;
using k8s.Models;

namespace Wakegate.Local.Controllers;

/// <summary>What one EndpointSlice of a Service holds: the pods that have the same ports.</summary>
internal sealed record SliceContents(IList<Discoveryv1EndpointPort> Ports, IList<V1Endpoint> Endpoints)
{
    /// <summary>The label by which a slice belongs to its Service.</summary>
    public const string ServiceLabel = "kubernetes.io/service-name";

    /// <summary>The port on which a pod serves, whatever its containers say: where all pods share one address, each has its own.</summary>
    public const string LocalPort = "wakegate.dev/local-port";

    /// <summary>One for each set of ports; a single empty one where the Service has no pods.</summary>
    public static IReadOnlyList<SliceContents> Of(V1Service service, IEnumerable<V1Pod> pods)
    {
        var contents = pods
            .Where(pod => IsSelected(service, pod) && !PodState.HasEnded(pod) && !string.IsNullOrEmpty(pod.Status?.PodIP))
            .OrderBy(pod => pod.Name(), StringComparer.Ordinal)
            .Select(pod => (Ports: PortsOf(service, pod), Endpoint: EndpointOf(service, pod)))
            .GroupBy(entry => KubernetesJson.Serialize(entry.Ports), StringComparer.Ordinal)
            .Select(group => new SliceContents(group.First().Ports, [.. group.Select(entry => entry.Endpoint)]))
            .ToList();
        return contents.Count > 0 ? contents : [new SliceContents([], [])];
    }

    public bool HasPortsOf(V1EndpointSlice slice) => Same(Ports, slice.Ports ?? []);

    public bool IsIn(V1EndpointSlice slice) => HasPortsOf(slice) && Same(Endpoints, slice.Endpoints ?? []);

    public void PutInto(V1EndpointSlice slice) => (slice.Ports, slice.Endpoints) = (Ports, Endpoints);

    private static bool Same(object a, object b) => KubernetesJson.Serialize(a) == KubernetesJson.Serialize(b);

    private static bool IsSelected(V1Service service, V1Pod pod) =>
        pod.Namespace() == service.Namespace()
        && service.Spec.Selector.All(wanted => pod.GetLabel(wanted.Key) == wanted.Value);

    private static List<Discoveryv1EndpointPort> PortsOf(V1Service service, V1Pod pod) =>
    [
        .. from port in service.Spec.Ports ?? []
           let number = Resolve(port, pod)
           where number is not null
           select new Discoveryv1EndpointPort
           {
               Name = port.Name ?? "",
               Port = number,
               Protocol = port.Protocol ?? "TCP",
               AppProtocol = port.AppProtocol,
           },
    ];

    // A named port that no container of the pod has is left out, as in a cluster.
    private static int? Resolve(V1ServicePort port, V1Pod pod)
    {
        if (int.TryParse(pod.GetAnnotation(LocalPort), CultureInfo.InvariantCulture, out var local))
            return local;
        string? target = port.TargetPort;
        if (string.IsNullOrEmpty(target))
            return port.Port;
        return int.TryParse(target, CultureInfo.InvariantCulture, out var number)
            ? number
            : pod.Spec.Containers.SelectMany(container => container.Ports ?? [])
                .FirstOrDefault(candidate => candidate.Name == target)?.ContainerPort;
    }

    private static V1Endpoint EndpointOf(V1Service service, V1Pod pod)
    {
        var terminating = pod.Metadata.DeletionTimestamp is not null;
        var serving = PodState.IsServing(pod);
        return new V1Endpoint
        {
            Addresses = [pod.Status.PodIP],
            Conditions = new V1EndpointConditions
            {
                Ready = service.Spec.PublishNotReadyAddresses == true || serving && !terminating,
                Serving = serving,
                Terminating = terminating,
            },
            NodeName = pod.Spec.NodeName,
            TargetRef = new V1ObjectReference
            {
                Kind = V1Pod.KubeKind,
                Name = pod.Name(),
                NamespaceProperty = pod.Namespace(),
                Uid = pod.Uid(),
            },
        };
    }
}
