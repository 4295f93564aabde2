using System.Text.Json.Nodes;

namespace Wakegate.Manifests.Dashboards;

/// <summary>All routes: is anyone waiting, and what is saved.</summary>
internal static class Overview
{
    private const string Labels = "namespace=~\"$namespace\", route=~\"$route\"";

    private const string Chosen = $"{{{Labels}}}";

    private const string Errors = """
        (sum(rate(wakegate_interceptor_requests_total{namespace=~"$namespace", route=~"$route", code_class="5xx"}[$__rate_interval])) or vector(0))
        /
        sum(rate(wakegate_interceptor_requests_total{namespace=~"$namespace", route=~"$route"}[$__rate_interval]))
        """;

    private static readonly string ColdStarts = Query.CountInRange($"wakegate_interceptor_cold_start_duration_seconds_bucket{Chosen}");

    public static Dashboard Dashboard => new("overview", "Wakegate / Overview", "All routes: who waits, what wakes, what fails, and what is saved.")
    {
        Variables =
        [
            new("namespace", "Namespace", "label_values(wakegate_interceptor_pods_ready, namespace)", Many: true),
            new("route", "Route", """label_values(wakegate_interceptor_pods_ready{namespace=~"$namespace"}, route)""", Many: true),
        ],
        Rows = [new("Now", Now()), new("Routes", RouteTable.Panel, Timeline()), new("Traffic", Traffic()), new("Cold starts", Waking()), new("Replicas and savings", Savings())],
    };

    /// <summary>Pod-hours that were not needed: every replica keeps the counter, so of each step the maximum counts.</summary>
    public static string PodHoursSaved(string selector, string by) => $"""
        sum by ({by}) (
          sum_over_time(
            max by (namespace, route) (rate(wakegate_interceptor_zero_time_seconds_total{selector}[$__rate_interval]))[$__range:$__interval]
          )
        ) * $__interval_ms / 3600000
        """.ReplaceLineEndings("\n");

    private static Panel[] Now() =>
    [
        Panels.Stat(
            "Held", "Requests that wait for a pod now: for a first one, or behind busy ones. During a cold start that is as it should be.", "short",
            new("green", (1, "yellow")), new Query($$"""sum(wakegate_interceptor_pending{namespace=~"$namespace", route=~"$route", state!="in_flight"}) or vector(0)""")),
        Panels.Stat(
            "Longest wait", "How long the oldest held request has waited. Longer than your slowest cold start: open the route below that waits.", "s",
            Thresholds.Over(15, 60), new Query($"max(wakegate_interceptor_queue_oldest_age_seconds{Chosen}) or vector(0)")) with { Decimals = 1 },
        Panels.Stat(
            "In flight", "Requests that a pod works on now, open streams and WebSockets included.", "short",
            Thresholds.Plain, new Query("""sum(wakegate_interceptor_pending{namespace=~"$namespace", route=~"$route", state="in_flight"}) or vector(0)""")),
        Panels.Stat(
            "Requests", "Requests that end, a second.", "reqps", Thresholds.Plain, new Query($"sum(rate(wakegate_interceptor_requests_total{Chosen}[$__rate_interval]))")),
        Panels.Stat(
            "Errors", "The share of requests that ended with 5xx, the workloads' own and the interceptor's.", "percentunit",
            Thresholds.Over(0.01, 0.05), new Query(Errors)) with { Decimals = 2 },
        Panels.Stat(
            "Wake-ups", "Wake-ups from zero that served a request, within the time range.", "short",
            Thresholds.Plain, new Query($"sum{Query.CountInRange("""wakegate_interceptor_wakes_total{namespace=~"$namespace", route=~"$route", outcome="served"}""")}")) with { Decimals = 0 },
        Panels.Stat(
            "Cold start, p95", "19 of 20 wake-ups within the time range took no longer, from the request that caused them to its first byte at a pod.", "s",
            Thresholds.Over(10, 30), new Query($"histogram_quantile(0.95, sum by (le) {ColdStarts})")),
        Panels.Stat(
            "Pod-hours saved", "Hours within the time range that the routes spent at zero, each of which would have taken a pod at least.", "h",
            Thresholds.Plain, new Query(PodHoursSaved(Chosen, ""))) with { Decimals = 1 },
        Panels.Stat(
            "Routes by state",
            "Of all namespaces. zero: no pod, nobody waits. waking: requests wait for a first pod. starting: pods, none ready. refused: a trigger that was never valid, whose clients get 503.",
            "short", Thresholds.Plain, new Query("max by (state) (wakegate_interceptor_routes)", "{{state}}")) with { Width = 12, Height = 6, Overrides = Colours.States },
        Panels.Alerts(),
    ];

    private static Panel Timeline() => Panels.Timeline(
        "State", "Which routes were at zero, waking and ready when. A route that is waking for long, or flaps between zero and ready, is worth a look.",
        RouteTable.States(), new Query(RouteTable.State(Labels), "{{namespace}}/{{route}}")) with
    { Height = 10 };

    private static Panel[] Traffic() =>
    [
        Panels.Stack(
            "Pending", "Requests that are held or in flight, of all interceptors. Many that are queued: pods are busy, and KEDA should add some.", "short",
            new Query($"sum by (state) (wakegate_interceptor_pending{Chosen})", "{{state}}")) with { Overrides = Colours.States },
        Panels.Stack(
            "Requests by status", "left: the client left before the response.", "reqps",
            new Query($"sum by (code_class) (rate(wakegate_interceptor_requests_total{Chosen}[$__rate_interval]))", "{{code_class}}")) with { Overrides = Colours.CodeClasses },
        Panels.Lines(
            "Requests, busiest routes", "The ten routes with the most requests.", "reqps",
            new Query($"topk(10, sum by (namespace, route) (rate(wakegate_interceptor_requests_total{Chosen}[$__rate_interval])))", "{{namespace}}/{{route}}")),
        Panels.Bars(
            "Problems", "Answers of the interceptors' own, which clients get instead of the workload's; docs/conduct.md explains each. Any bar is someone who got an error.",
            new Query($"sum by (namespace, route, problem) {Query.CountInStep($"wakegate_interceptor_problems_total{Chosen}")} > 0", "{{namespace}}/{{route}} {{problem}}")),
        Panels.Bars(
            "Problems without a route", "no-route: a host that no ScaledObject claims. starting: an interceptor that had not read the ScaledObjects yet.",
            new Query($"sum by (problem) {Query.CountInStep("""wakegate_interceptor_problems_total{problem=~"no-route|starting"}""")} > 0", "{{problem}}")),
        Panels.Lines(
            "Errors, worst routes", "The ten routes with the largest share of 5xx, the workloads' own and the interceptor's.", "percentunit",
            new Query(
                """
                topk(10,
                  sum by (namespace, route) (rate(wakegate_interceptor_requests_total{namespace=~"$namespace", route=~"$route", code_class="5xx"}[$__rate_interval]))
                  /
                  sum by (namespace, route) (rate(wakegate_interceptor_requests_total{namespace=~"$namespace", route=~"$route"}[$__rate_interval]))
                )
                """, "{{namespace}}/{{route}}")),
    ];

    private static Panel[] Waking()
    {
        var inStep = Query.CountInStep($"wakegate_interceptor_cold_start_duration_seconds_bucket{Chosen}");
        return
        [
            Panels.Bars(
                "Wake-ups", "By how they ended. timed_out: no pod within holdTimeout. hopeless: Kubernetes knows that none will come. left: nobody waited any more.",
                new Query($"sum by (outcome) {Query.CountInStep($"wakegate_interceptor_wakes_total{Chosen}")} > 0", "{{outcome}}")) with { Overrides = Colours.Outcomes },
            Panels.Points(
                "Cold start", "From the request that caused a wake-up to its first byte at a pod: median and 19 of 20, of the wake-ups of each step. Exemplars lead to traces.", "s",
                new Query($"histogram_quantile(0.5, sum by (le) {inStep})", "p50"), new Query($"histogram_quantile(0.95, sum by (le) {inStep})", "p95")) with { Overrides = Colours.Quantiles },
            Panels.Lines(
                "Longest wait, by route", "How long the oldest held request of the ten slowest routes has waited: a saw tooth for each cold start. A line that climbs for long is a workload that does not come.", "s",
                new Query($"topk(10, max by (namespace, route) (wakegate_interceptor_queue_oldest_age_seconds{Chosen}) > 0)", "{{namespace}}/{{route}}")),
        ];
    }

    private static Panel[] Savings() =>
    [
        Panels.Stack(
            "Ready pods", "Pods that take traffic, of the routes that have any.", "short",
            new Query($"max by (namespace, route) (wakegate_interceptor_pods_ready{Chosen}) > 0", "{{namespace}}/{{route}}")) with { Width = 12 },
        Panels.Lines(
            "Pods not running", "Routes at zero at a time, each of which would have taken a pod at least: the area below is what is saved.", "short",
            new Query($"sum(max by (namespace, route) (rate(wakegate_interceptor_zero_time_seconds_total{Chosen}[$__rate_interval])))", "at zero")) with
        {
            Width = 12,
            Overrides = [Override.Column("at zero", ("color", new JsonObject { ["mode"] = "fixed", ["fixedColor"] = "blue" }), ("custom.fillOpacity", 40))],
        },
    ];
}
