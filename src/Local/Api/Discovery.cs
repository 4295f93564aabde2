using System.Text.Json.Nodes;

namespace Wakegate.Local.Api;

/// <summary>What a client asks before anything else: which groups, versions and kinds there are.</summary>
internal static class Discovery
{
    private static readonly string[] ReadWrite = ["create", "delete", "get", "list", "patch", "update", "watch"];
    private static readonly string[] Part = ["get", "patch", "update"];

    public static void MapDiscovery(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api", context => Answers.WriteAsync(context, 200, Legacy()));
        app.MapGet("/apis", context => Answers.WriteAsync(context, 200, Groups()));
        foreach (var kinds in ResourceKinds.All.GroupBy(kind => (kind.Group, kind.Version)))
        {
            var (group, version) = kinds.Key;
            app.MapGet(
                group.Length == 0 ? $"/api/{version}" : $"/apis/{group}/{version}",
                context => Answers.WriteAsync(context, 200, Resources(kinds.First().ApiVersion, kinds)));
            if (group.Length > 0)
                app.MapGet($"/apis/{group}", context => Answers.WriteAsync(context, 200, Group(group, version, standalone: true)));
        }
    }

    private static JsonObject Legacy() => new()
    {
        ["kind"] = "APIVersions",
        ["versions"] = new JsonArray("v1"),
        ["serverAddressByClientCIDRs"] = new JsonArray(),
    };

    private static JsonObject Groups() => new()
    {
        ["kind"] = "APIGroupList",
        ["apiVersion"] = "v1",
        ["groups"] = new JsonArray([.. ResourceKinds.All
            .Where(kind => kind.Group.Length > 0)
            .DistinctBy(kind => kind.Group, StringComparer.Ordinal)
            .Select(kind => Group(kind.Group, kind.Version, standalone: false))]),
    };

    private static JsonObject Group(string group, string version, bool standalone)
    {
        var json = new JsonObject
        {
            ["name"] = group,
            ["versions"] = new JsonArray(GroupVersion(group, version)),
            ["preferredVersion"] = GroupVersion(group, version),
        };
        if (standalone)
            (json["kind"], json["apiVersion"]) = ("APIGroup", "v1");
        return json;
    }

    private static JsonObject GroupVersion(string group, string version) =>
        new() { ["groupVersion"] = $"{group}/{version}", ["version"] = version };

    private static JsonObject Resources(string apiVersion, IEnumerable<ResourceKind> kinds) => new()
    {
        ["kind"] = "APIResourceList",
        ["apiVersion"] = "v1",
        ["groupVersion"] = apiVersion,
        ["resources"] = new JsonArray([.. kinds.SelectMany(Resources)]),
    };

    private static IEnumerable<JsonObject> Resources(ResourceKind kind)
    {
        yield return new JsonObject
        {
            ["name"] = kind.Plural,
            ["singularName"] = kind.Kind.ToLowerInvariant(),
            ["namespaced"] = kind.Namespaced,
            ["kind"] = kind.Kind,
            ["verbs"] = List(ReadWrite),
            ["shortNames"] = List(kind.ShortNames),
            ["categories"] = kind.IsInAll ? new JsonArray("all") : [],
        };
        if (kind.HasStatus)
            yield return Subresource(kind, "status", kind.Kind);
        if (kind.HasScale)
        {
            var scale = Subresource(kind, "scale", "Scale");
            (scale["group"], scale["version"]) = ("autoscaling", "v1");
            yield return scale;
        }
    }

    private static JsonObject Subresource(ResourceKind kind, string name, string shape) => new()
    {
        ["name"] = $"{kind.Plural}/{name}",
        ["singularName"] = "",
        ["namespaced"] = kind.Namespaced,
        ["kind"] = shape,
        ["verbs"] = List(Part),
    };

    private static JsonArray List(string[] texts) => [.. texts.Select(text => (JsonNode)text)];
}
