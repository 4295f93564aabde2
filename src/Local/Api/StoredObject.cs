using System.Text.Json;
using System.Text.Json.Nodes;

namespace Wakegate.Local.Api;

/// <summary>An object as it is at one version. Immutable, so that lists and watches read it without a lock.</summary>
internal sealed record StoredObject(ObjectKey Key, long Version, JsonElement Json)
{
    /// <summary>A copy that its caller may change.</summary>
    public JsonObject Edit() => JsonSerializer.SerializeToNode(Json)!.AsObject();

    /// <summary>The conflict with a client that means another life or another version of this object; null where it left both open.</summary>
    public Failure? Contradicts(string? uid, string? resourceVersion)
    {
        if (!string.IsNullOrEmpty(resourceVersion) && resourceVersion != Json.Text("metadata.resourceVersion"))
            return Failure.Modified(Key);
        var own = Json.Text("metadata.uid");
        return string.IsNullOrEmpty(uid) || uid == own
            ? null
            : Failure.Conflict(Key, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {own}");
    }
}
