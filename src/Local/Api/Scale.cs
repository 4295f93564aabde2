using System.Text.Json.Nodes;

namespace Wakegate.Local.Api;

/// <summary>The <c>scale</c> subresource: a Deployment seen as nothing but its replicas.</summary>
internal static class Scale
{
    public static JsonObject Of(StoredObject stored) => new()
    {
        ["kind"] = "Scale",
        ["apiVersion"] = "autoscaling/v1",
        ["metadata"] = new JsonObject
        {
            ["name"] = stored.Key.Name,
            ["namespace"] = stored.Key.Namespace,
            ["uid"] = stored.Json.Text("metadata.uid"),
            ["resourceVersion"] = stored.Json.Text("metadata.resourceVersion"),
            ["creationTimestamp"] = stored.Json.Text("metadata.creationTimestamp"),
        },
        ["spec"] = new JsonObject { ["replicas"] = stored.Json.Number("spec.replicas") },
        ["status"] = new JsonObject
        {
            ["replicas"] = stored.Json.Number("status.replicas"),
            ["selector"] = string.Join(',', stored.Json.Map("spec.selector.matchLabels").Select(label => $"{label.Key}={label.Value}")),
        },
    };

    /// <summary>The object with the replicas of a Scale; a resourceVersion there guards the object.</summary>
    public static JsonObject Apply(StoredObject stored, JsonObject scale)
    {
        var json = stored.Edit();
        json["spec"]!["replicas"] = scale["spec"]?["replicas"]?.DeepClone() ?? 0;
        if (scale.MetaText("resourceVersion") is { Length: > 0 } version)
            json.Meta()["resourceVersion"] = version;
        return json;
    }
}
