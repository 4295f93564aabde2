using System.Text.Json.Nodes;

namespace Wakegate.Local.Api;

/// <summary>What an object must say to be stored, beyond its fields' types.</summary>
/// <remarks>Unlike a real API server it takes loopback addresses as endpoints: here a pod is a process on this machine.</remarks>
internal static class Admission
{
    public static Failure? Refuse(ObjectKey key, JsonObject json)
    {
        var check = SchemaCheck.Of(json, key.Kind.Schema);
        if (check.Wrong.Count > 0)
            return Failure.Invalid(key, check.Wrong);
        return key.Kind == ResourceKinds.Deployment ? RefuseDeployment(key, json["spec"]!.AsObject())
            : key.Kind == ResourceKinds.EndpointSlice ? RefuseEndpointSlice(key, json)
            : null;
    }

    private static Failure? RefuseDeployment(ObjectKey key, JsonObject spec)
    {
        if (spec["replicas"].Integer() is < 0 or > int.MaxValue)
            return Failure.Invalid(
                key, new FieldError("spec.replicas", $"Invalid value: {spec["replicas"]}: must be greater than or equal to 0"));
        if (spec["selector"]?["matchLabels"] is not JsonObject { Count: > 0 } selector)
            return Failure.Invalid(key, new FieldError("spec.selector", "Required value"));
        var labels = spec["template"]?["metadata"]?["labels"] as JsonObject;
        return selector.All(wanted => JsonNode.DeepEquals(labels?[wanted.Key], wanted.Value))
            ? null
            : Failure.Invalid(key, new FieldError(
                "spec.template.metadata.labels",
                $"Invalid value: {labels?.ToJsonString() ?? "null"}: `selector` does not match template `labels`"));
    }

    private static Failure? RefuseEndpointSlice(ObjectKey key, JsonObject json) =>
        (string?)json["addressType"] is "IPv4" or "IPv6" or "FQDN"
            ? null
            : Failure.Invalid(key, new FieldError("addressType", "Required value: supported values: \"IPv4\", \"IPv6\", \"FQDN\""));
}
