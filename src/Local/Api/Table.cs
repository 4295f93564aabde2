using System.Globalization;
using System.Text.Json.Nodes;

namespace Wakegate.Local.Api;

/// <summary>Objects as rows, for clients that ask for <c>as=Table</c>: <c>kubectl get</c> prints what it is given.</summary>
internal static class Table
{
    // What a row carries beside its cells is the client's choice: Metadata (the default), Object or None.
    public static JsonObject Of(
        ResourceKind kind, IEnumerable<StoredObject> objects, DateTimeOffset now, string? includeObject, JsonObject metadata) => new()
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = metadata,
            ["columnDefinitions"] = new JsonArray([.. kind.Columns.Select(Definition)]),
            ["rows"] = new JsonArray([.. objects.Select(stored => Row(kind, stored, now, includeObject))]),
        };

    /// <summary>A table of one, whose version is the object's.</summary>
    public static JsonObject Of(StoredObject stored, DateTimeOffset now, string? includeObject) => Of(
        stored.Key.Kind,
        [stored],
        now,
        includeObject,
        new JsonObject { ["resourceVersion"] = stored.Version.ToString(CultureInfo.InvariantCulture) });

    private static JsonObject Definition(Column column) => new()
    {
        ["name"] = column.Name,
        ["type"] = "string",
        ["format"] = column == Column.Named ? "name" : "",
        ["description"] = "",
        ["priority"] = column.Wide ? 1 : 0,
    };

    private static JsonObject Row(ResourceKind kind, StoredObject stored, DateTimeOffset now, string? includeObject)
    {
        var row = new JsonObject { ["cells"] = new JsonArray([.. kind.Columns.Select(column => column.Cell(stored.Json, now))]) };
        if (includeObject is "Object")
            row["object"] = stored.Edit();
        else if (includeObject is not "None")
            row["object"] = new JsonObject
            {
                ["kind"] = "PartialObjectMetadata",
                ["apiVersion"] = "meta.k8s.io/v1",
                ["metadata"] = stored.Edit()["metadata"]!.DeepClone(),
            };
        return row;
    }
}
