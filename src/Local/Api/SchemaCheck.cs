using System.Text.Json;
using System.Text.Json.Nodes;

namespace Wakegate.Local.Api;

/// <summary>What is wrong with an object's fields, each with its path.</summary>
internal sealed class SchemaCheck
{
    private readonly List<string> unknown = [];
    private readonly List<FieldError> wrong = [];

    private SchemaCheck()
    {
    }

    /// <summary>Fields that the schema does not know: an error or a warning, as the client wishes.</summary>
    public IReadOnlyList<string> Unknown => unknown;

    /// <summary>Fields of another type than the schema's, and missing ones: always an error.</summary>
    public IReadOnlyList<FieldError> Wrong => wrong;

    public static SchemaCheck Of(JsonObject json, Schema schema)
    {
        var check = new SchemaCheck();
        check.Visit(json, schema, "");
        return check;
    }

    private void Visit(JsonNode? node, Schema schema, string path)
    {
        if (node is null || schema.Type.Length == 0)
            return;
        var type = TypeOf(node);
        if (type != schema.Type)
            wrong.Add(new FieldError(path, $"Invalid value: \"{type}\": {path} in body must be of type {schema.Type}: \"{type}\""));
        else if (node is JsonObject json)
            VisitObject(json, schema, path);
        else if (node is JsonArray list)
            for (var i = 0; i < list.Count; i++)
                Visit(list[i], schema.Items!, $"{path}[{i}]");
    }

    private void VisitObject(JsonObject json, Schema schema, string path)
    {
        foreach (var name in schema.Required)
            if (json[name] is null)
                wrong.Add(new FieldError(Join(path, name), "Required value"));
        foreach (var (name, value) in json)
            if ((schema.Properties is null ? schema.Values : schema.Properties.GetValueOrDefault(name)) is { } field)
                Visit(value, field, Join(path, name));
            else if (schema.Properties is not null)
                unknown.Add($"unknown field \"{Join(path, name)}\"");
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static string TypeOf(JsonNode node) => node.GetValueKind() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => node.ToJsonString().AsSpan().ContainsAny('.', 'e', 'E') ? "number" : "integer",
    };
}
