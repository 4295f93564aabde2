using System.Text.Json.Nodes;

namespace Wakegate.Local.Api;

/// <summary>How an object becomes another: whole, or only its status.</summary>
internal static class Replacement
{
    /// <param name="current">The object as it is.</param>
    /// <param name="wanted">What the client wants it to be; its resourceVersion, where given, must be the present one.</param>
    /// <param name="statusOnly">Through the status subresource nothing but the status changes, and otherwise never the status.</param>
    public static Change Of(StoredObject current, JsonObject wanted, bool statusOnly)
    {
        var key = current.Key;
        var name = wanted.MetaText("name") ?? key.Name;
        if (name != key.Name)
            return Failure.BadRequest($"the name of the object ({name}) does not match the name on the URL ({key.Name})");
        if (current.Contradicts(wanted.MetaText("uid"), wanted.MetaText("resourceVersion")) is { } conflict)
            return conflict;

        var before = current.Edit();
        var after = statusOnly ? WithStatus(current.Edit(), wanted["status"]) : Whole(key.Kind, before, wanted);
        if (Admission.Refuse(key, after) is { } failure)
            return failure;
        return Deletion.IsDue(after) ? new Change.Remove(after) : new Change.Put(after);
    }

    private static JsonObject Whole(ResourceKind kind, JsonObject before, JsonObject after)
    {
        ObjectMeta.KeepOwned(after.Meta(), before.Meta());
        if (kind.HasStatus)
            WithStatus(after, before["status"]);
        Defaults.Fill(kind, after);
        if (kind.HasGeneration && !SameContent(before, after))
            after.Meta()["generation"] = (before.Meta()["generation"].Integer() ?? 0) + 1;
        return after;
    }

    private static JsonObject WithStatus(JsonObject json, JsonNode? status)
    {
        if (status is null)
            json.Remove("status");
        else
            json["status"] = status.DeepClone();
        return json;
    }

    // Not all kinds keep their content under "spec"; an EndpointSlice has none.
    private static bool SameContent(JsonObject before, JsonObject after) => JsonNode.DeepEquals(Content(before), Content(after));

    private static JsonObject Content(JsonObject json)
    {
        var content = json.DeepClone().AsObject();
        content.Remove("metadata");
        content.Remove("status");
        return content;
    }
}
