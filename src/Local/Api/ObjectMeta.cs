using System.Globalization;
using System.Text.Json.Nodes;

namespace Wakegate.Local.Api;

/// <summary>The part of an object that the API server itself writes.</summary>
internal static class ObjectMeta
{
    /// <summary>What only the server sets; a client's values are ignored.</summary>
    private static readonly string[] Owned =
    [
        "namespace", "name", "uid", "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink",
        "managedFields",
    ];

    /// <summary>The object's metadata, added where it is missing.</summary>
    public static JsonObject Meta(this JsonObject json)
    {
        if (json["metadata"] is JsonObject metadata)
            return metadata;
        json["metadata"] = metadata = [];
        return metadata;
    }

    /// <summary>Text of one metadata field, or null.</summary>
    public static string? MetaText(this JsonObject json, string name) =>
        json["metadata"]?[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    /// <summary>Sets the server's fields as they were.</summary>
    public static void KeepOwned(JsonObject metadata, JsonObject before)
    {
        foreach (var name in Owned)
            if (before[name] is { } value)
                metadata[name] = value.DeepClone();
            else
                metadata.Remove(name);
    }

    /// <summary>Removes whatever a client put into the server's fields.</summary>
    public static void DropOwned(JsonObject metadata)
    {
        foreach (var name in Owned)
            metadata.Remove(name);
    }

    /// <summary>A time as objects hold it: UTC, whole seconds.</summary>
    public static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
