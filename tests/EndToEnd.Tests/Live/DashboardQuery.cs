using System.Text.Json.Nodes;

namespace Wakegate.EndToEnd.Tests.Live;

/// <summary>What a panel of a dashboard asks Prometheus, with variables put in as Grafana does it.</summary>
/// <param name="Panel">Which it is, for people.</param>
/// <param name="Expression">PromQL.</param>
/// <param name="Instant">Whether one value is asked for, and no graph.</param>
internal sealed record DashboardQuery(string Panel, string Expression, bool Instant)
{
    private static readonly IReadOnlyList<JsonNode> Dashboards =
        [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "manifests/dashboards"), "*.json").Order().Select(file => JsonNode.Parse(File.ReadAllText(file))!)];

    /// <summary>Every query of every panel.</summary>
    /// <param name="route">The route that is chosen where a dashboard shows one.</param>
    public static IReadOnlyList<DashboardQuery> All(string route) =>
    [
        .. from dashboard in Dashboards
           from panel in dashboard["panels"]!.AsArray()
           from target in panel["targets"]?.AsArray() ?? []
           select new DashboardQuery($"{dashboard["title"]}: {panel["title"]}", Filled(dashboard, (string)target["expr"]!, route), (bool)target["instant"]!),
    ];

    /// <summary>What variables are filled from: a metric's selector and a label.</summary>
    /// <param name="route">The route that is chosen where a dashboard shows one.</param>
    public static IReadOnlyList<(string Selector, string Label)> Variables(string route) =>
    [
        .. from dashboard in Dashboards
           from variable in dashboard["templating"]!["list"]!.AsArray()
           where (string)variable["type"]! == "query"
           let arguments = Filled(dashboard, (string)variable["query"]!["query"]!, route)["label_values(".Length..^1]
           let comma = arguments.LastIndexOf(',')
           select (arguments[..comma], arguments[(comma + 1)..].Trim()),
    ];

    /// <summary>A range of five minutes in steps of ten seconds, at a scrape a second.</summary>
    private static string Filled(JsonNode dashboard, string query, string route)
    {
        var chosen = dashboard["templating"]!["list"]!.AsArray().Where(variable => (string)variable!["type"]! == "query")
            .ToDictionary(variable => (string)variable!["name"]!, variable => (bool)variable!["multi"]! ? (string)variable["allValue"]! : null);
        return query
            .Replace("$__rate_interval", "10s", StringComparison.Ordinal)
            .Replace("$__interval_ms", "10000", StringComparison.Ordinal)
            .Replace("$__interval", "10s", StringComparison.Ordinal)
            .Replace("$__range", "300s", StringComparison.Ordinal)
            .Replace("$namespace", chosen.GetValueOrDefault("namespace") ?? "default", StringComparison.Ordinal)
            .Replace("$route", chosen.GetValueOrDefault("route") ?? route, StringComparison.Ordinal);
    }
}
