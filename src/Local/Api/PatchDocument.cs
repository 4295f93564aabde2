using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.JsonPatch.SystemTextJson;
using Microsoft.AspNetCore.JsonPatch.SystemTextJson.Exceptions;

namespace Wakegate.Local.Api;

/// <summary>A PATCH request's body, by its content type.</summary>
internal static class PatchDocument
{
    /// <summary>What the patch makes of an object, which it may change.</summary>
    public delegate Outcome<JsonObject> Edit(JsonObject target);

    public static Outcome<Edit> Parse(string? contentType, ResourceKind kind, string body)
    {
        try
        {
            return contentType?.Split(';')[0] switch
            {
                "application/merge-patch+json" => Merge(JsonBody.Parse(body)),
                "application/strategic-merge-patch+json" when !kind.IsCustom => Strategic(JsonBody.Parse(body), kind.Schema),
                "application/json-patch+json" => Operations(body),
                "application/apply-patch+yaml" => Failure.UnsupportedMediaType(
                    "server-side apply is not supported here: use kubectl apply without --server-side"),
                _ => Failure.UnsupportedMediaType(
                    $"the body of the request was in an unknown format - accepted media types include: {string.Join(", ", Types(kind))}"),
            };
        }
        catch (JsonException malformed)
        {
            return Failure.BadRequest($"error decoding patch: {malformed.Message}");
        }
    }

    /// <summary>The content types of the patches that a kind takes.</summary>
    public static string[] Types(ResourceKind kind) => kind.IsCustom
        ? ["application/json-patch+json", "application/merge-patch+json"]
        : ["application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json"];

    private static Edit Merge(JsonObject patch) => target => MergePatch.Apply(target, patch)!.AsObject();

    private static Edit Strategic(JsonObject patch, Schema schema) => target => StrategicMergePatch.Apply(target, patch, schema);

    private static Edit Operations(string body)
    {
        var patch = JsonSerializer.Deserialize<JsonPatchDocument>(body) ?? throw new JsonException("The patch is null.");
        return target =>
        {
            try
            {
                patch.ApplyTo(target);
                return target;
            }
            catch (JsonPatchException refused)
            {
                return new Failure(422, "Invalid", $"the server rejected our request due to an error in our request: {refused.Message}");
            }
        };
    }
}
