using k8s.Models;

namespace Wakegate.Local.Api;

/// <summary>The table of kinds: what Wakegate, KEDA's part and a newcomer's <c>kubectl</c> use, and no more.</summary>
internal static class ResourceKinds
{
    public static ResourceKind Namespace { get; } = new("", "v1", "Namespace", "namespaces")
    {
        ShortNames = ["ns"],
        Namespaced = false,
        HasStatus = true,
        Columns = Columns.Namespace,
        Schema = ModelSchemas.Of<V1Namespace>(),
    };

    public static ResourceKind Pod { get; } = new("", "v1", "Pod", "pods")
    {
        ShortNames = ["po"],
        IsInAll = true,
        HasStatus = true,
        ReturnsDeleted = true,
        Fields = ["spec.nodeName", "status.phase", "status.podIP"],
        Columns = Columns.Pod,
        Schema = ModelSchemas.Of<V1Pod>(),
    };

    public static ResourceKind Service { get; } = new("", "v1", "Service", "services")
    {
        ShortNames = ["svc"],
        IsInAll = true,
        HasStatus = true,
        ReturnsDeleted = true,
        Columns = Columns.Service,
        Schema = ModelSchemas.Of<V1Service>(),
    };

    public static ResourceKind Event { get; } = new("", "v1", "Event", "events")
    {
        ShortNames = ["ev"],
        Fields =
        [
            "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
            "involvedObject.fieldPath", "reason", "type",
        ],
        Columns = Columns.Event,
        Schema = ModelSchemas.Of<Corev1Event>(),
    };

    public static ResourceKind Deployment { get; } = new("apps", "v1", "Deployment", "deployments")
    {
        ShortNames = ["deploy"],
        IsInAll = true,
        HasGeneration = true,
        HasStatus = true,
        HasScale = true,
        Columns = Columns.Deployment,
        Schema = ModelSchemas.Of<V1Deployment>(),
    };

    public static ResourceKind EndpointSlice { get; } = new("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices")
    {
        HasGeneration = true,
        Columns = Columns.EndpointSlice,
        Schema = ModelSchemas.Of<V1EndpointSlice>(),
    };

    public static ResourceKind ScaledObject { get; } = new("keda.sh", "v1alpha1", "ScaledObject", "scaledobjects")
    {
        ShortNames = ["so"],
        HasGeneration = true,
        HasStatus = true,
        IsCustom = true,
        Columns = Columns.ScaledObject,
        Schema = ScaledObjectSchema.Instance,
    };

    public static IReadOnlyList<ResourceKind> All { get; } = [Namespace, Pod, Service, Event, Deployment, EndpointSlice, ScaledObject];

    /// <summary>The kind that a path names, or null.</summary>
    public static ResourceKind? Find(string group, string version, string plural) =>
        All.FirstOrDefault(kind => (kind.Group, kind.Version, kind.Plural) == (group, version, plural));
}
