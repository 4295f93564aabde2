using System.Text.Json.Nodes;

namespace Wakegate.Local.Api;

/// <summary>
/// The OpenAPI documents. kubectl 1.32 reads version 3: there it learns that the server validates fields, so that it need not, which patches
/// a kind takes, and by which keys lists merge. Version 2 is for older clients, as JSON.
/// </summary>
internal static class OpenApi
{
    public static void MapOpenApi(this IEndpointRouteBuilder app)
    {
        app.MapGet("/openapi/v2", AnswerVersion2);
        app.MapGet("/openapi/v3", context => Answers.WriteAsync(context, 200, Index()));
        foreach (var kinds in ResourceKinds.All.GroupBy(PathOf, StringComparer.Ordinal))
            app.MapGet($"/openapi/v3/{kinds.Key}", context => Answers.WriteAsync(context, 200, Version3(kinds)));
    }

    // Without this refusal a client that wants the binary form, and only that, would try to read JSON as such.
    private static Task AnswerVersion2(HttpContext context) => context.Request.Headers.Accept.ToString() is var accept
        && accept.Contains("protobuf", StringComparison.Ordinal) && !accept.Contains("json", StringComparison.Ordinal)
            ? Answers.WriteAsync(context, new Failure(406, "NotAcceptable", "only JSON is served"))
            : Answers.WriteAsync(context, 200, Version2());

    private static string PathOf(ResourceKind kind) => (kind.Group.Length == 0 ? "api/" : "apis/") + kind.ApiVersion;

    private static JsonObject Index() => new()
    {
        ["paths"] = Map(ResourceKinds.All.DistinctBy(PathOf, StringComparer.Ordinal).Select(kind =>
            (PathOf(kind), new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{PathOf(kind)}" }))),
    };

    private static JsonObject Version2() => new()
    {
        ["swagger"] = "2.0",
        ["info"] = Info(),
        ["paths"] = Map(ResourceKinds.All.Select(kind => (ObjectPath(kind), new JsonObject
        {
            ["patch"] = new JsonObject
            {
                ["consumes"] = new JsonArray([.. PatchDocument.Types(kind).Select(type => (JsonNode)type)]),
                ["parameters"] = new JsonArray(FieldValidation(new JsonObject { ["type"] = "string" })),
                ["x-kubernetes-group-version-kind"] = GroupVersionKind(kind),
            },
        }))),
        ["definitions"] = Map(ResourceKinds.All.Select(kind => (DefinitionName(kind), Definition(kind)))),
    };

    private static JsonObject Version3(IEnumerable<ResourceKind> kinds) => new()
    {
        ["openapi"] = "3.0.0",
        ["info"] = Info(),
        ["paths"] = Map(kinds.Select(kind => (ObjectPath(kind), new JsonObject
        {
            ["patch"] = new JsonObject
            {
                ["parameters"] = new JsonArray(FieldValidation(new JsonObject { ["schema"] = new JsonObject { ["type"] = "string" } })),
                ["requestBody"] = new JsonObject { ["content"] = Map(PatchDocument.Types(kind).Select(type => (type, new JsonObject()))) },
                ["responses"] = new JsonObject(),
                ["x-kubernetes-group-version-kind"] = GroupVersionKind(kind),
            },
        }))),
        ["components"] = new JsonObject { ["schemas"] = Map(kinds.Select(kind => (DefinitionName(kind), Definition(kind)))) },
    };

    private static JsonObject Info() => new() { ["title"] = "Wakegate Local", ["version"] = "v1.32.0" };

    private static string ObjectPath(ResourceKind kind) =>
        $"/{PathOf(kind)}/{(kind.Namespaced ? "namespaces/{namespace}/" : "")}{kind.Plural}/{{name}}";

    private static string DefinitionName(ResourceKind kind) =>
        $"{string.Join('.', kind.Group.Split('.').Reverse())}.{kind.Version}.{kind.Kind}".TrimStart('.');

    private static JsonObject FieldValidation(JsonObject parameter)
    {
        (parameter["name"], parameter["in"]) = ("fieldValidation", "query");
        return parameter;
    }

    private static JsonObject GroupVersionKind(ResourceKind kind) => new()
    {
        ["group"] = kind.Group,
        ["version"] = kind.Version,
        ["kind"] = kind.Kind,
    };

    private static JsonObject Definition(ResourceKind kind)
    {
        var definition = Render(kind.Schema);
        definition["x-kubernetes-group-version-kind"] = new JsonArray(GroupVersionKind(kind));
        return definition;
    }

    private static JsonObject Render(Schema schema)
    {
        // A field of any type must still say something: "kubectl explain" stumbles over an empty schema.
        var json = schema.Type.Length > 0
            ? new JsonObject { ["type"] = schema.Type }
            : new JsonObject { ["x-kubernetes-preserve-unknown-fields"] = true };
        if (schema.Properties is { } properties)
            json["properties"] = Map(properties.Select(property => (property.Key, Render(property.Value))));
        if (schema.Values is { } values)
            json["additionalProperties"] = Render(values);
        if (schema.Items is { } items)
            json["items"] = Render(items);
        if (schema.Required.Length > 0)
            json["required"] = new JsonArray([.. schema.Required.Select(name => (JsonNode)name)]);
        if (schema.MergeKey is { } key)
            (json["x-kubernetes-patch-merge-key"], json["x-kubernetes-patch-strategy"]) = (key, "merge");
        return json;
    }

    private static JsonObject Map(IEnumerable<(string Name, JsonObject Value)> entries) =>
        new(entries.Select(entry => KeyValuePair.Create(entry.Name, (JsonNode?)entry.Value)));
}
