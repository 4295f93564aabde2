using System.Text.Json.Nodes;

namespace Wakegate.Manifests.Tests.Admission;

/// <summary>ScaledObjects as the API server hands them to a policy.</summary>
internal static class ScaledObjects
{
    private const string Address = "wakegate-scaler.wakegate:9090";

    public static JsonObject With(params IEnumerable<IReadOnlyDictionary<string, string>> triggers) => Of(triggers.Select(metadata => Trigger(metadata)));

    public static JsonObject Of(params IEnumerable<JsonObject> triggers) => new()
    {
        ["apiVersion"] = "keda.sh/v1alpha1",
        ["kind"] = "ScaledObject",
        ["metadata"] = new JsonObject { ["name"] = "shop", ["namespace"] = "store" },
        ["spec"] = new JsonObject
        {
            ["scaleTargetRef"] = new JsonObject { ["name"] = "shop" },
            ["triggers"] = new JsonArray([.. triggers]),
        },
    };

    public static JsonObject Trigger(IReadOnlyDictionary<string, string> metadata, string type = "external-push")
    {
        var json = new JsonObject { ["scalerAddress"] = Address };
        foreach (var (key, value) in metadata)
        {
            json[key] = value;
        }

        return new() { ["type"] = type, ["metadata"] = json };
    }
}
