using System.Text.Json.Nodes;

namespace Wakegate.Local.Api;

/// <summary>JSON merge patch, RFC 7386.</summary>
internal static class MergePatch
{
    /// <summary>The target as the patch wants it. Neither argument is changed, and the result shares nothing with them.</summary>
    public static JsonNode? Apply(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes)
            return patch?.DeepClone();

        var result = target is JsonObject json ? json.DeepClone().AsObject() : [];
        foreach (var (name, change) in changes)
            if (change is null)
                result.Remove(name);
            else
                result[name] = Apply(result[name], change);
        return result;
    }
}
