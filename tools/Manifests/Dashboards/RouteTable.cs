using System.Text.Json.Nodes;

namespace Wakegate.Manifests.Dashboards;

/// <summary>A line for each route, which leads to the route's own dashboard.</summary>
internal static class RouteTable
{
    private const string Labels = "namespace=~\"$namespace\", route=~\"$route\"";

    private const string Chosen = $"{{{Labels}}}";

    private const string ToRoute =
        "/d/wakegate-route?${datasource:queryparam}&var-namespace=${__data.fields.namespace}&var-route=${__data.fields.route}&${__url_time_range}";

    private static readonly string ColdStarts = Query.CountInRange($"wakegate_interceptor_cold_start_duration_seconds_bucket{Chosen}");

    private static readonly IReadOnlyList<Column> Columns =
    [
        new("State", State(Labels), "none", Thresholds.Plain),
        new("Ready pods", $"max by (namespace, route) (wakegate_interceptor_pods_ready{Chosen})", "none", Thresholds.Plain),
        new("Held", $$"""sum by (namespace, route) (wakegate_interceptor_pending{namespace=~"$namespace", route=~"$route", state!="in_flight"})""", "none", new("text", (1, "yellow"))),
        new("Longest wait", $"max by (namespace, route) (wakegate_interceptor_queue_oldest_age_seconds{Chosen})", "s", new("text", (15, "yellow"), (60, "red"))),
        new("In flight", """sum by (namespace, route) (wakegate_interceptor_pending{namespace=~"$namespace", route=~"$route", state="in_flight"})""", "none", new("text")),
        new("Requests", $"sum by (namespace, route) (rate(wakegate_interceptor_requests_total{Chosen}[$__rate_interval]))", "reqps", new("text")),
        new(
            "Errors",
            """
            sum by (namespace, route) (rate(wakegate_interceptor_requests_total{namespace=~"$namespace", route=~"$route", code_class="5xx"}[$__rate_interval]))
            /
            sum by (namespace, route) (rate(wakegate_interceptor_requests_total{namespace=~"$namespace", route=~"$route"}[$__rate_interval]))
            """,
            "percentunit", new("text", (0.01, "yellow"), (0.05, "red"))),
        new(
            "Wake-ups", $"sum by (namespace, route) {Query.CountInRange("""wakegate_interceptor_wakes_total{namespace=~"$namespace", route=~"$route", outcome="served"}""")}",
            "none", new("text")),
        new(
            "Failed wake-ups",
            $"sum by (namespace, route) {Query.CountInRange("""wakegate_interceptor_wakes_total{namespace=~"$namespace", route=~"$route", outcome=~"timed_out|hopeless"}""")}",
            "none", new("text", (0.5, "red"))),
        new("Cold start, p50", $"histogram_quantile(0.5, sum by (namespace, route, le) {ColdStarts})", "s", new("text", (10, "yellow"), (30, "red"))),
        new("Cold start, p95", $"histogram_quantile(0.95, sum by (namespace, route, le) {ColdStarts})", "s", new("text", (10, "yellow"), (30, "red"))),
        new("Pod-hours saved", Overview.PodHoursSaved(Chosen, "namespace, route"), "h", new("text")),
    ];

    public static Panel Panel => new(
        "table", "Routes",
        "One line for each route; its name leads to its own dashboard. State to Errors are as of now, the rest is within the time range. A route that had no request has few values.")
    {
        Width = 24,
        Height = 11,
        Format = "table",
        Instant = true,
        Queries = [.. Columns.Select(column => new Query(column.Expression))],
        Mappings = [Panels.Nothing()],
        Custom = new() { ["filterable"] = true, ["align"] = "auto", ["cellOptions"] = new JsonObject { ["type"] = "auto" } },
        Options = new()
        {
            ["showHeader"] = true,
            ["cellHeight"] = "sm",
            ["sortBy"] = new JsonArray(new JsonObject { ["displayName"] = "Longest wait", ["desc"] = true }),
        },
        Transformations =
        [
            new JsonObject { ["id"] = "merge", ["options"] = new JsonObject() },
            new JsonObject { ["id"] = "organize", ["options"] = new JsonObject { ["excludeByName"] = new JsonObject { ["Time"] = true }, ["renameByName"] = Names() } },
        ],
        Overrides = [Link("namespace"), Link("route"), .. Columns.Select(Look)],
    };

    /// <summary>A route as a number: 0 at zero, or starting with nobody waiting; 1 waking; 2 ready.</summary>
    public static string State(string labels) => $$"""
        (max by (namespace, route) (wakegate_interceptor_pods_ready{{{labels}}}) > 0) * 0 + 2
        or
        (sum by (namespace, route) (wakegate_interceptor_pending{{{labels}}, state="waking"}) > 0) * 0 + 1
        or
        max by (namespace, route) (wakegate_interceptor_pods_ready{{{labels}}}) * 0
        """.ReplaceLineEndings("\n");

    /// <summary>Texts for those numbers.</summary>
    public static JsonArray States() => [Panels.Mapping((0, "zero", "blue"), (1, "waking", "yellow"), (2, "ready", "green"))];

    private static JsonObject Names()
    {
        var names = new JsonObject();
        foreach (var (column, index) in Columns.Select((column, index) => (column, index)))
            names[$"Value #{(char)('A' + index)}"] = column.Name;
        return names;
    }

    private static Override Link(string column) =>
        Override.Column(column, ("links", new JsonArray(new JsonObject { ["title"] = "This route in depth", ["url"] = ToRoute })));

    private static Override Look(Column column) => column.Name == "State"
        ? Override.Column(column.Name, ("mappings", States()), ("custom.cellOptions", new JsonObject { ["type"] = "color-text" }))
        : Override.Column(
            column.Name, ("unit", column.Unit), ("decimals", column.Unit is "none" ? 0 : 2), ("thresholds", column.Thresholds.Json()), ("color", new JsonObject { ["mode"] = "thresholds" }),
            ("custom.cellOptions", new JsonObject { ["type"] = "color-text" }));

    private sealed record Column(string Name, string Expression, string Unit, Thresholds Thresholds);
}
