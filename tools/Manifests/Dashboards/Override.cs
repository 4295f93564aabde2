using System.Text.Json.Nodes;

namespace Wakegate.Manifests.Dashboards;

/// <summary>What differs for one series or column.</summary>
/// <param name="Matcher">How it is found: <c>byName</c> or <c>byRegexp</c>.</param>
/// <param name="Name">The name or pattern.</param>
/// <param name="Properties">Grafana's property ids with their values.</param>
internal sealed record Override(string Matcher, string Name, params (string Id, JsonNode Value)[] Properties)
{
    public static Override Colour(string series, string colour) => new("byName", series, ("color", new JsonObject { ["mode"] = "fixed", ["fixedColor"] = colour }));

    public static Override Column(string name, params (string Id, JsonNode Value)[] properties) => new("byName", name, properties);

    public JsonObject Json() => new()
    {
        ["matcher"] = new JsonObject { ["id"] = Matcher, ["options"] = Name },
        ["properties"] = new JsonArray([.. Properties.Select(p => new JsonObject { ["id"] = p.Id, ["value"] = p.Value.DeepClone() })]),
    };
}
