using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Wakegate.Local.Api;

/// <summary>Reads fields by their dotted path, the way selectors and columns name them.</summary>
internal static class JsonPaths
{
    /// <summary>The value at the path, or null where there is none.</summary>
    public static JsonElement? At(this JsonElement json, string path)
    {
        foreach (var part in path.AsSpan().Split('.'))
            if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty(path.AsSpan(part), out json))
                return null;
        return json.ValueKind == JsonValueKind.Null ? null : json;
    }

    /// <summary>The value as text; empty where there is none.</summary>
    public static string Text(this JsonElement json, string path) => json.At(path)?.ToString() ?? "";

    /// <summary>The number at the path, or 0.</summary>
    public static int Number(this JsonElement json, string path) =>
        json.At(path) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var value) ? value : 0;

    /// <summary>A whole number, or null: whether a node was parsed or made here of an int or a long makes no difference.</summary>
    public static long? Integer(this JsonNode? node) =>
        node is JsonValue value && long.TryParse(value.ToJsonString(), CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>The items of the list at the path; none where there is no list.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement json, string path) =>
        json.At(path) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>The text values of the map at the path; none where there is no map.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Map(this JsonElement json, string path) =>
        json.At(path) is { ValueKind: JsonValueKind.Object } map
            ? map.EnumerateObject().Select(entry => KeyValuePair.Create(entry.Name, entry.Value.ToString()))
            : [];
}
