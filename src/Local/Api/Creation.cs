using System.Text.Json.Nodes;

namespace Wakegate.Local.Api;

/// <summary>How an object begins.</summary>
internal static class Creation
{
    /// <summary>The object's name: its own, or one made from <c>generateName</c>.</summary>
    public static string Name(JsonObject json) => json.MetaText("name") is { Length: > 0 } name ? name
        : json.MetaText("generateName") is { Length: > 0 } start ? start + ObjectNames.Suffix()
        : "";

    public static Change Of(ObjectKey key, StoredObject? current, JsonObject json, DateTimeOffset now)
    {
        if (key.Name.Length == 0)
            return Failure.Invalid(key, new FieldError("metadata.name", "Required value: name or generateName is required"));
        if (json.MetaText("resourceVersion") is { Length: > 0 })
            return Failure.BadRequest("resourceVersion should not be set on objects to be created");
        if (ObjectNames.Refuse(key) is { } badName)
            return badName;
        if (current is not null)
            return Failure.AlreadyExists(key);

        Begin(key, json, now);
        return Admission.Refuse(key, json) is { } failure ? failure : new Change.Put(json);
    }

    private static void Begin(ObjectKey key, JsonObject json, DateTimeOffset now)
    {
        var metadata = json.Meta();
        ObjectMeta.DropOwned(metadata);
        metadata["name"] = key.Name;
        if (key.Kind.Namespaced)
            metadata["namespace"] = key.Namespace;
        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = ObjectMeta.Time(now);
        if (key.Kind.HasGeneration)
            metadata["generation"] = 1;
        if (key.Kind.HasStatus)
            json.Remove("status");
        Defaults.Fill(key.Kind, json);
    }
}
