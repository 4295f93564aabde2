using System.Text.Json.Nodes;

namespace Wakegate.Manifests.Dashboards;

/// <summary>Something to choose at a dashboard's top, filled from Prometheus.</summary>
/// <param name="Name">As queries use it.</param>
/// <param name="Label">As readers see it.</param>
/// <param name="Values">The query for its values.</param>
/// <param name="Many">Whether several may be chosen, or all.</param>
internal sealed record Variable(string Name, string Label, string Values, bool Many)
{
    public static JsonObject DataSources() => new()
    {
        ["name"] = DataSource.Variable,
        ["label"] = "Data source",
        ["type"] = "datasource",
        ["query"] = "prometheus",
        ["refresh"] = 1,
    };

    public JsonObject Json()
    {
        var json = new JsonObject
        {
            ["name"] = Name,
            ["label"] = Label,
            ["type"] = "query",
            ["datasource"] = DataSource.Json(),
            ["definition"] = Values,
            ["query"] = new JsonObject { ["qryType"] = 1, ["query"] = Values, ["refId"] = "PrometheusVariableQueryEditor-VariableQuery" },
            // When the time range changes: a route that was deleted since is there for the time when it was.
            ["refresh"] = 2,
            ["sort"] = 1,
            ["multi"] = Many,
            ["includeAll"] = Many,
        };
        if (Many)
        {
            // Not .*, which would match series without the label.
            json["allValue"] = ".+";
            json["current"] = new JsonObject { ["text"] = new JsonArray("All"), ["value"] = new JsonArray("$__all") };
        }

        return json;
    }
}
