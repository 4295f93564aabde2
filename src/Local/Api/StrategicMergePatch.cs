using System.Text.Json.Nodes;

namespace Wakegate.Local.Api;

/// <summary>
/// Kubernetes' strategic merge patch: a merge patch that matches the items of some lists by a key of the kind's schema, and takes
/// directives (<c>$patch</c>, <c>$deleteFromPrimitiveList/…</c>, <c>$setElementOrder/…</c>, <c>$retainKeys</c>).
/// </summary>
internal static class StrategicMergePatch
{
    private const string DeletePrimitives = "$deleteFromPrimitiveList/";
    private const string ElementOrder = "$setElementOrder/";

    /// <summary>The target as the patch wants it. Neither argument is changed, and the result shares nothing with them.</summary>
    public static JsonObject Apply(JsonObject target, JsonObject patch, Schema schema)
    {
        if ((string?)patch["$patch"] is "replace")
            return Without(patch, "$patch");

        var result = target.DeepClone().AsObject();
        Retain(result, patch["$retainKeys"] as JsonArray);
        foreach (var (name, change) in patch)
            if (name.StartsWith(DeletePrimitives, StringComparison.Ordinal))
                RemoveValues(result[name[DeletePrimitives.Length..]] as JsonArray, change as JsonArray ?? []);
            else if (name[0] != '$')
                Set(result, name, change, schema);
        foreach (var (name, order) in patch.Where(entry => entry.Key.StartsWith(ElementOrder, StringComparison.Ordinal)))
            Sort(result, name[ElementOrder.Length..], order as JsonArray ?? [], schema);
        return result;
    }

    private static void Set(JsonObject result, string name, JsonNode? change, Schema schema)
    {
        var field = Field(schema, name);
        if (change is null || change is JsonObject directive && (string?)directive["$patch"] is "delete")
            result.Remove(name);
        else if (change is JsonObject changes)
            result[name] = Apply(result[name] as JsonObject ?? [], changes, field);
        else if (change is JsonArray items && field.MergeKey is { } key)
            result[name] = MergeList(result[name] as JsonArray ?? [], items, key, field.Items!);
        else if (change is JsonArray values && name is "finalizers")
            result[name] = Union(result[name] as JsonArray ?? [], values);
        else
            result[name] = change.DeepClone();
    }

    private static JsonArray MergeList(JsonArray target, JsonArray patch, string key, Schema item)
    {
        var changes = patch.OfType<JsonObject>().ToList();
        if (changes.Exists(change => (string?)change["$patch"] is "replace"))
            return [.. changes.Where(change => change["$patch"] is null).Select(change => change.DeepClone())];

        var result = target.OfType<JsonObject>().Select(old => old.DeepClone().AsObject()).ToList();
        foreach (var change in changes)
        {
            var at = result.FindIndex(old => JsonNode.DeepEquals(old[key], change[key]));
            if ((string?)change["$patch"] is "delete")
                result.RemoveAll(old => JsonNode.DeepEquals(old[key], change[key]));
            else if (at < 0)
                result.Add(Apply([], change, item));
            else
                result[at] = Apply(result[at], change, item);
        }

        return [.. result];
    }

    // The order is by the patch's list of keys; items it does not name keep their places after those before them.
    private static void Sort(JsonObject result, string name, JsonArray order, Schema schema)
    {
        if (result[name] is not JsonArray list)
            return;
        var key = Field(schema, name).MergeKey;
        var wanted = order.Select(entry => (key is null ? entry : entry?[key])?.ToJsonString()).ToList();
        var last = -1;
        var sorted = list
            .Select(item => (Item: item, Place: wanted.IndexOf((key is null ? item : item?[key])?.ToJsonString())))
            .Select(entry => (entry.Item, Place: last = entry.Place < 0 ? last : entry.Place))
            .OrderBy(entry => entry.Place)
            .Select(entry => entry.Item?.DeepClone())
            .ToArray();
        result[name] = new JsonArray(sorted);
    }

    private static void Retain(JsonObject result, JsonArray? keys)
    {
        if (keys is null)
            return;
        var kept = keys.Select(key => (string?)key).ToHashSet(StringComparer.Ordinal);
        foreach (var name in result.Select(entry => entry.Key).Where(name => !kept.Contains(name)).ToList())
            result.Remove(name);
    }

    private static void RemoveValues(JsonArray? list, JsonArray values) =>
        list?.RemoveAll(item => values.Any(value => JsonNode.DeepEquals(item, value)));

    private static JsonArray Union(JsonArray target, JsonArray values) =>
        [.. target.Concat(values.Where(value => !target.Any(old => JsonNode.DeepEquals(old, value)))).Select(value => value?.DeepClone())];

    private static JsonObject Without(JsonObject json, string name)
    {
        var result = json.DeepClone().AsObject();
        result.Remove(name);
        return result;
    }

    private static Schema Field(Schema schema, string name) => schema.Properties?.GetValueOrDefault(name) ?? schema.Values ?? Schema.Any;
}
