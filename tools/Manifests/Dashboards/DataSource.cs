using System.Text.Json.Nodes;

namespace Wakegate.Manifests.Dashboards;

/// <summary>The Prometheus that the reader chose at the dashboard's top.</summary>
internal static class DataSource
{
    public const string Variable = "datasource";

    public static JsonObject Json() => new() { ["type"] = "prometheus", ["uid"] = $"${{{Variable}}}" };
}
