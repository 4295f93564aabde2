using System.Text.Json;

namespace Wakegate.Local.Api;

/// <summary>
/// The columns of each kind, in the order and with the headings of the real API server; a ScaledObject's are from KEDA's definition.
/// </summary>
internal static class Columns
{
    public static Column[] Namespace { get; } = [Column.Named, Column.Text("Status", json => json.Text("status.phase")), Column.Age];

    public static Column[] Pod { get; } =
    [
        Column.Named,
        Column.Text("Ready", json => $"{json.Items("status.containerStatuses").Count(IsReady)}/{json.Items("spec.containers").Count()}"),
        Column.Text("Status", PodState),
        new("Restarts", (json, _) => json.Items("status.containerStatuses").Sum(status => status.Number("restartCount"))),
        Column.Age,
        Column.Text("IP", json => json.Text("status.podIP"), wide: true),
        Column.Text("Node", json => json.Text("spec.nodeName"), wide: true),
    ];

    public static Column[] Service { get; } =
    [
        Column.Named,
        Column.Text("Type", json => json.Text("spec.type")),
        Column.Text("Cluster-IP", json => json.Text("spec.clusterIP")),
        Column.Text("External-IP", json => json.Text("spec.externalName")),
        Column.Text("Port(s)", json => Joined(json.Items("spec.ports"), port => $"{port.Text("port")}/{port.Text("protocol")}")),
        Column.Age,
        Column.Text("Selector", json => Pairs(json, "spec.selector"), wide: true),
    ];

    public static Column[] Deployment { get; } =
    [
        Column.Named,
        Column.Text("Ready", json => $"{json.Number("status.readyReplicas")}/{json.Number("spec.replicas")}"),
        Column.Number("Up-to-date", "status.updatedReplicas"),
        Column.Number("Available", "status.availableReplicas"),
        Column.Age,
        Column.Text("Containers", json => Containers(json, "name"), wide: true),
        Column.Text("Images", json => Containers(json, "image"), wide: true),
        Column.Text("Selector", json => Pairs(json, "spec.selector.matchLabels"), wide: true),
    ];

    public static Column[] EndpointSlice { get; } =
    [
        Column.Named,
        Column.Text("AddressType", json => json.Text("addressType")),
        Column.Text("Ports", json => Joined(json.Items("ports"), port => port.Text("port"))),
        Column.Text("Endpoints", json => string.Join(',', json.Items("endpoints").SelectMany(endpoint => endpoint.Items("addresses")))),
        Column.Age,
    ];

    public static Column[] Event { get; } =
    [
        Column.Since("Last Seen", "lastTimestamp"),
        Column.Text("Type", json => json.Text("type")),
        Column.Text("Reason", json => json.Text("reason")),
        Column.Text("Object", json => $"{json.Text("involvedObject.kind").ToLowerInvariant()}/{json.Text("involvedObject.name")}"),
        Column.Text("Source", json => json.Text("source.component"), wide: true),
        Column.Text("Message", json => json.Text("message")),
        Column.Since("First Seen", "firstTimestamp", wide: true),
        new("Count", (json, _) => json.Number("count"), Wide: true),
    ];

    public static Column[] ScaledObject { get; } =
    [
        Column.Named,
        Column.Field("ScaleTargetKind", "status.scaleTargetKind"),
        Column.Field("ScaleTargetName", "spec.scaleTargetRef.name"),
        Column.Field("Min", "spec.minReplicaCount"),
        Column.Field("Max", "spec.maxReplicaCount"),
        Condition("Ready"),
        Condition("Active"),
        Condition("Fallback"),
        Condition("Paused"),
        Column.Field("Triggers", "status.triggersTypes"),
        Column.Field("Authentications", "status.authenticationsTypes"),
        Column.Age,
    ];

    private static Column Condition(string type) => new(type, (json, _) => json.Items("status.conditions")
        .Where(condition => condition.Text("type") == type)
        .Select(condition => condition.Text("status"))
        .FirstOrDefault());

    private static bool IsReady(JsonElement status) => status.At("ready") is { ValueKind: JsonValueKind.True };

    private static string PodState(JsonElement json)
    {
        if (json.At("metadata.deletionTimestamp") is not null)
            return "Terminating";
        var reasons = json.Items("status.containerStatuses")
            .SelectMany(status => new[] { status.Text("state.terminated.reason"), status.Text("state.waiting.reason") });
        return reasons.LastOrDefault(reason => reason.Length > 0) ?? json.Text("status.phase");
    }

    private static string Containers(JsonElement json, string field) =>
        Joined(json.Items("spec.template.spec.containers"), container => container.Text(field));

    private static string Pairs(JsonElement json, string path) =>
        string.Join(',', json.Map(path).Select(pair => $"{pair.Key}={pair.Value}"));

    private static string Joined(IEnumerable<JsonElement> items, Func<JsonElement, string> text) => string.Join(',', items.Select(text));
}
