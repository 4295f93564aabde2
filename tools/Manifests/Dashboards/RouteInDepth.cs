namespace Wakegate.Manifests.Dashboards;

/// <summary>One route: where its cold starts lose time, what its clients get, how its pods behave.</summary>
internal static class RouteInDepth
{
    private const string Labels = "namespace=\"$namespace\", route=\"$route\"";

    private const string One = $"{{{Labels}}}";

    public static Dashboard Dashboard => new("route", "Wakegate / Route", "One route in depth: its cold starts, what clients get, its queue, its pods.")
    {
        Variables =
        [
            new("namespace", "Namespace", "label_values(wakegate_interceptor_pods_ready, namespace)", Many: false),
            new("route", "Route", """label_values(wakegate_interceptor_pods_ready{namespace="$namespace"}, route)""", Many: false),
        ],
        Rows = [new("Now", Now()), new("Cold starts", ColdStarts()), new("Clients", Clients()), new("Held requests", Held()), new("Pods", Pods())],
    };

    private static Panel[] Now() =>
    [
        Panels.Stat("State", "zero: no pod, or none ready and nobody waits. waking: requests wait for a first pod. ready: pods take traffic.", "none", Thresholds.Plain, new Query(RouteTable.State(Labels))) with
        {
            Mappings = RouteTable.States(),
        },
        Panels.Stat("Ready pods", "Pods that take traffic.", "short", Thresholds.Plain, new Query($"max(wakegate_interceptor_pods_ready{One})")),
        Panels.Stat(
            "Waking", "Requests that wait for a first pod.", "short", new("green", (1, "yellow")),
            new Query("""sum(wakegate_interceptor_pending{namespace="$namespace", route="$route", state="waking"}) or vector(0)""")),
        Panels.Stat(
            "Queued", "Requests that wait behind busy pods. Lastingly above zero: too few pods, or too small a podConcurrency.", "short", new("green", (1, "yellow")),
            new Query("""sum(wakegate_interceptor_pending{namespace="$namespace", route="$route", state="queued"}) or vector(0)""")),
        Panels.Stat(
            "Longest wait", "How long the oldest held request has waited. At holdTimeout it gets 504.", "s",
            Thresholds.Over(15, 60), new Query($"max(wakegate_interceptor_queue_oldest_age_seconds{One}) or vector(0)")) with { Decimals = 1 },
        Panels.Stat(
            "In flight", "Requests that a pod works on now, open streams and WebSockets included.", "short", Thresholds.Plain,
            new Query("""sum(wakegate_interceptor_pending{namespace="$namespace", route="$route", state="in_flight"}) or vector(0)""")),
        Panels.Stat(
            "Time at zero", "The share of the time range without any pod.", "percentunit", Thresholds.Plain,
            new Query($"avg_over_time(max by (namespace, route) (rate(wakegate_interceptor_zero_time_seconds_total{One}[$__rate_interval]))[$__range:$__interval])")) with { Decimals = 1 },
        Panels.Stat(
            "Pod-hours saved", "Hours within the time range at zero, each of which would have taken a pod at least.", "h",
            Thresholds.Plain, new Query(Overview.PodHoursSaved(One, ""))) with { Decimals = 1 },
    ];

    private static Panel[] ColdStarts()
    {
        var buckets = Query.CountInStep($"wakegate_interceptor_cold_start_duration_seconds_bucket{One}");
        return
        [
            Panels.Bars(
                "Wake-ups", "By how they ended. timed_out: no pod within holdTimeout. hopeless: Kubernetes knows that none will come. left: nobody waited any more.",
                new Query($"sum by (outcome) {Query.CountInStep($"wakegate_interceptor_wakes_total{One}")} > 0", "{{outcome}}")) with { Overrides = Colours.Outcomes },
            Panels.Points(
                "Cold start", "From the request that caused a wake-up to its first byte at a pod, of the wake-ups of each step. Exemplars lead to traces.", "s",
                new Query($"histogram_quantile(0.5, sum by (le) {buckets})", "p50"), new Query($"histogram_quantile(0.95, sum by (le) {buckets})", "p95")) with { Overrides = Colours.Quantiles },
            Panels.Heatmap("Cold starts by duration", "How many wake-ups took how long: two bands are two kinds of start, for example with the image on the node and without.", new Query($"sum by (le) {buckets}", "{{le}}")),
            Phases(
                "Phases", "Where a mean cold start within the time range went. wake: until the first ready pod, which is KEDA's, Kubernetes's and the workload's time. release: from there to the first byte at the pod, which is ours.",
                "phase", "wakegate_interceptor_cold_start_phase_duration_seconds"),
            Phases(
                "Within wake", "scheduled: until a pod has a node, KEDA's and the scheduler's time. started: until its first container runs, mostly images. ready: until it is ready, the workload's own start and its probe.",
                "step", "wakegate_interceptor_cold_start_wake_duration_seconds"),
            Panels.Lines(
                "Ready pods and waiting", "Requests wait until the first pod is ready; then they go at once.", "short",
                new Query($"max(wakegate_interceptor_pods_ready{One})", "ready pods"),
                new Query("""sum(wakegate_interceptor_pending{namespace="$namespace", route="$route", state="waking"})""", "waking")) with { Overrides = Colours.States },
        ];
    }

    private static Panel[] Clients() =>
    [
        Panels.Stack(
            "Requests by status", "left: the client left before the response.", "reqps",
            new Query($"sum by (code_class) (rate(wakegate_interceptor_requests_total{One}[$__rate_interval]))", "{{code_class}}")) with { Overrides = Colours.CodeClasses },
        Panels.Stack(
            "Cold and warm", "cold: requests that waited for a first pod.", "reqps",
            new Query($"sum by (start) (rate(wakegate_interceptor_requests_total{One}[$__rate_interval]))", "{{start}}")) with
        {
            Overrides = [Override.Colour("cold", "blue"), Override.Colour("warm", "orange")],
        },
        Panels.Bars(
            "Problems", "Answers of the interceptor's own; docs/conduct.md explains each. Any bar is someone who got an error.",
            new Query($"sum by (problem) {Query.CountInStep($"wakegate_interceptor_problems_total{One}")} > 0", "{{problem}}")),
    ];

    private static Panel[] Held() =>
    [
        Panels.Stack(
            "Pending", "waking: held for a first pod. queued: held behind busy pods. in_flight: at a pod.", "short",
            new Query($"sum by (state) (wakegate_interceptor_pending{One})", "{{state}}")) with { Overrides = Colours.States, Width = 6 },
        Panels.Lines(
            "Longest wait", "How long the oldest held request has waited, by interceptor.", "s",
            new Query($"max by (instance) (wakegate_interceptor_queue_oldest_age_seconds{One})", "{{instance}}")) with { Width = 6 },
        Panels.Bars(
            "Held, by outcome",
            "How holding ended. full: more than maxHeldRequests. over_budget: no room left in the interceptor. timed_out: holdTimeout. left: the client left.",
            new Query($"sum by (outcome) {Query.CountInStep($"wakegate_interceptor_held_duration_seconds_count{One}")} > 0", "{{outcome}}")) with { Overrides = Colours.Outcomes, Width = 6 },
        Panels.Points(
            "Held for", "How long 19 of 20 were held, by outcome. What finds a pod with room at once is not held, and not in here.", "s",
            new Query($"histogram_quantile(0.95, sum by (outcome, le) {Query.CountInStep($"wakegate_interceptor_held_duration_seconds_bucket{One}")})", "{{outcome}}")) with { Overrides = Colours.Outcomes, Width = 6 },
    ];

    private static Panel[] Pods() =>
    [
        Panels.Lines(
            "Latency of the workload", "From sending a request to a pod until its response's headers: what the workload itself takes.", "s",
            new Query(Query.Quantile("0.5", "wakegate_interceptor_upstream_duration_seconds", One), "p50"),
            new Query(Query.Quantile("0.95", "wakegate_interceptor_upstream_duration_seconds", One), "p95"),
            new Query(Query.Quantile("0.99", "wakegate_interceptor_upstream_duration_seconds", One), "p99")) with { Overrides = Colours.Quantiles, Width = 6 },
        Panels.Bars(
            "Failures of pods", "unreachable: no connection. declined: not as the request needs it. reset, lost: it ended before the response. bad_response: it cannot be passed on. broken: within the response. timed_out: responseTimeout.",
            new Query($"sum by (reason) {Query.CountInStep($"wakegate_interceptor_pod_failures_total{One}")} > 0", "{{reason}}")) with { Width = 6 },
        Panels.Bars(
            "Sent again", "Requests that went to a pod once more, since none of it could have reached the first, or repeating it is harmless.",
            new Query($"sum by (reason) {Query.CountInStep($"wakegate_interceptor_retries_total{One}")} > 0", "{{reason}}")) with { Width = 6 },
        Panels.Lines(
            "Problems of the ScaledObject", "What is wrong with it now; its Events say more: kubectl describe scaledobject.", "short",
            new Query(
                """
                max by (reason) (
                  wakegate_interceptor_trigger_problems{namespace="$namespace"}
                    and on (namespace, route)
                    label_replace(wakegate_interceptor_pods_ready{namespace="$namespace", route="$route"}, "route", "$1", "route", "([^/]+).*")
                )
                """, "{{reason}}")) with { Width = 6 },
    ];

    /// <summary>Means that add up, as a bar for each part.</summary>
    private static Panel Phases(string title, string description, string label, string histogram) => new("bargauge", title, description)
    {
        Unit = "s",
        Instant = true,
        Thresholds = Thresholds.Plain,
        Queries =
        [
            new(
                $"sum by ({label}) {Query.CountInRange($"{histogram}_sum{One}")}\n/\nsum by ({label}) {Query.CountInRange($"{histogram}_count{One}")}",
                $"{{{{{label}}}}}"),
        ],
        Mappings = [Panels.Nothing()],
        Options = new()
        {
            ["displayMode"] = "basic",
            ["orientation"] = "horizontal",
            ["showUnfilled"] = true,
            ["valueMode"] = "color",
            ["reduceOptions"] = Panels.LastValue(),
        },
    };
}
