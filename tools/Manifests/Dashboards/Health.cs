namespace Wakegate.Manifests.Dashboards;

/// <summary>Wakegate itself: the ledger, the scaler, KEDA's streams, watches, budgets, processes.</summary>
internal static class Health
{
    private const string Ours = "and on (job, instance) (wakegate_interceptor_budget_requests or wakegate_scaler_trusted)";

    public static Dashboard Dashboard => new("health", "Wakegate / Health", "Does Wakegate itself work: the ledger, the scaler, KEDA's streams, watches, budgets, processes.")
    {
        Rows = [new("Now", Now()), new("Ledger", Ledger()), new("Scaler and KEDA", Scaler()), new("Interceptors", Interceptors()), new("Processes", Processes())],
    };

    private static Panel[] Now() =>
    [
        Panels.Stat("Interceptors", "That are scraped.", "short", new("red", (1, "yellow"), (2, "green")), new Query("count(wakegate_interceptor_budget_requests) or vector(0)")),
        Panels.Stat(
            "Reporting", "Interceptors that hold a lease in the ledger. Fewer than are scraped: some do not reach Redis, and what they hold wakes nothing.", "short",
            new("red", (1, "yellow"), (2, "green")), new Query("max(wakegate_scaler_interceptors) or vector(0)")),
        Panels.Stat("Scalers", "That are scraped. Two, so that they are never down together.", "short", new("red", (1, "yellow"), (2, "green")), new Query("count(wakegate_scaler_trusted) or vector(0)")),
        Panels.Stat("Trust", "Whether all scalers take the ledger's zeros for zeros. If not, KEDA's reads fail and it leaves replicas as they are.", "none", new("red", (1, "green")), new Query("min(wakegate_scaler_trusted)")) with
        {
            Mappings = [Panels.Mapping((0, "no", "red"), (1, "yes", "green"))],
        },
        Panels.Stat(
            "Oldest write", "Since an interceptor last wrote to Redis. Above 2 s it is late; at 10 s its counts have lapsed.", "s", Thresholds.Over(3, 10), new Query("max(wakegate_ledger_lag_seconds)")) with { Decimals = 1 },
        Panels.Stat(
            "Oldest snapshot", "Since a scaler last read the ledger in full, which it does every 5 s. Above 15 s it fails KEDA's reads.", "s", Thresholds.Over(8, 15), new Query("max(wakegate_scaler_snapshot_age_seconds)")) with { Decimals = 1 },
        Panels.Stat(
            "Without a stream", "Triggers that KEDA polls but keeps no stream open for: these wake up with the next poll only.", "short", new("green", (1, "yellow")),
            new Query("""clamp_min(max(wakegate_scaler_polled) - (sum(wakegate_scaler_streams{method="StreamIsActive"}) or vector(0)), 0)""")),
        Panels.Stat(
            "Fullest budget", "The largest share that held requests, or their bytes, take of what an interceptor may hold. At 100 % it refuses them.", "percentunit", Thresholds.Over(0.6, 0.8),
            new Query(
                """
                max(
                  wakegate_interceptor_budget_requests / wakegate_interceptor_budget_limit_requests
                    > wakegate_interceptor_budget_bytes / wakegate_interceptor_budget_limit_bytes
                  or wakegate_interceptor_budget_bytes / wakegate_interceptor_budget_limit_bytes
                )
                """)) with { Decimals = 0 },
    ];

    private static Panel[] Ledger() =>
    [
        Panels.Lines("Since the last write", "By interceptor. Above 2 s it is late; at 10 s its counts have lapsed.", "s", new Query("max by (instance) (wakegate_ledger_lag_seconds)", "{{instance}}")) with
        {
            Thresholds = Thresholds.Over(3, 10),
        },
        Panels.Stack("Writes", "To Redis, of all interceptors.", "ops", new Query("sum by (outcome) (rate(wakegate_ledger_writes_total[$__rate_interval]))", "{{outcome}}")) with { Overrides = Colours.Outcomes },
        Panels.Lines(
            "Duration of writes", "Of those that reached Redis. Rising: Redis or the way to it is slow.", "s",
            new Query(Query.Quantile("0.5", "wakegate_ledger_write_duration_seconds"), "p50"),
            new Query(Query.Quantile("0.99", "wakegate_ledger_write_duration_seconds"), "p99")) with { Overrides = Colours.Quantiles },
        Panels.Lines(
            "Age of the snapshot", "By scaler: since it last read the ledger in full. It hears of changes in between; above 15 s it fails KEDA's reads.", "s",
            new Query("max by (instance) (wakegate_scaler_snapshot_age_seconds)", "{{instance}}")) with { Thresholds = Thresholds.Over(8, 15) },
        Panels.Timeline(
            "Trust", "By scaler: whether it takes the ledger's zeros for zeros. A short gap after Redis was restarted is as it should be.", [Panels.Mapping((0, "no", "red"), (1, "yes", "green"))],
            new Query("min by (instance) (wakegate_scaler_trusted)", "{{instance}}")) with { Width = 8 },
        Panels.Lines(
            "Interceptors", "Those that are scraped, and those that hold a lease in the ledger.", "short",
            new Query("count(wakegate_interceptor_budget_requests)", "scraped"), new Query("max(wakegate_scaler_interceptors)", "reporting")),
    ];

    private static Panel[] Scaler() =>
    [
        Panels.Points(
            "From request to push", "From a route's first pending (active) or first held (waking) request until KEDA's stream was told: p99, by cause.", "s",
            new Query($"histogram_quantile(0.99, sum by (cause, le) {Query.CountInStep("wakegate_scaler_edge_delay_seconds_bucket")})", "{{cause}}")),
        Panels.Bars(
            "Pushes", "What told KEDA that a workload is wanted. active, waking: it just was. open: it was as the stream opened. repeat: requests still wait.",
            new Query($"sum by (cause) {Query.CountInStep("wakegate_scaler_pushes_total")} > 0", "{{cause}}")),
        Panels.Lines(
            "Streams and polled triggers", "Every external-push trigger has a StreamIsActive with one of the scalers. Fewer than are polled: the rest wakes by polling only.", "short",
            new Query("sum by (method) (wakegate_scaler_streams)", "{{method}}"), new Query("max(wakegate_scaler_polled)", "polled")),
        Panels.Stack("Calls", "Of KEDA, by method. None: it does not reach the scaler.", "ops", new Query("sum by (method) (rate(wakegate_scaler_calls_total[$__rate_interval]))", "{{method}}")),
        Panels.Stack(
            "Calls by status", "Unavailable: the ledger was not trusted. InvalidArgument: a trigger is wrong. Cancelled: KEDA closed a stream.", "ops",
            new Query("sum by (code) (rate(wakegate_scaler_calls_total[$__rate_interval]))", "{{code}}")) with { Overrides = [Override.Colour("OK", "green"), Override.Colour("Unavailable", "red")] },
        Panels.Lines(
            "Duration of calls", "How long it took to answer KEDA, p99 by method: from memory, so milliseconds. KEDA holds a lock meanwhile.", "s",
            new Query(Query.Quantile("0.99", "wakegate_scaler_call_duration_seconds", by: "method, le"), "{{method}}")),
    ];

    private static Panel[] Interceptors() =>
    [
        Panels.Lines(
            "Budget", "By interceptor: what held requests, and their bytes, take of Hold__MaxRequests and Hold__MaxBytes. At 100 % it answers 503 over-budget.", "percentunit",
            new Query("max by (instance) (wakegate_interceptor_budget_requests / wakegate_interceptor_budget_limit_requests)", "{{instance}} requests"),
            new Query("max by (instance) (wakegate_interceptor_budget_bytes / wakegate_interceptor_budget_limit_bytes)", "{{instance}} bytes")) with { Thresholds = Thresholds.Over(0.6, 0.8), Width = 6 },
        Panels.Bars(
            "Watches that failed", "Of the Kubernetes API, by resource. They are tried again; meanwhile what was known last stays in force.",
            new Query($"sum by (resource) {Query.CountInStep("wakegate_interceptor_watch_failures_total")} > 0", "{{resource}}")) with { Width = 6 },
        Panels.Lines(
            "Watches started", "Every few minutes each is normal. More: they break off.", "short",
            new Query("sum by (resource) (rate(wakegate_interceptor_watch_starts_total[$__rate_interval])) * 60", "{{resource}} a minute")) with { Width = 6 },
        Panels.Lines(
            "Full lists", "Lists of all objects, which are dear in a large cluster: at the start of an interceptor, and after it was cut off for long.", "short",
            new Query("sum by (resource) (rate(wakegate_interceptor_watch_lists_total[$__rate_interval])) * 60", "{{resource}} a minute")) with { Width = 6 },
        Panels.Lines(
            "Requests", "By interceptor. Very unequal: a gateway keeps few connections, and cannot spread what comes over one.", "reqps",
            new Query("sum by (instance) (rate(wakegate_interceptor_requests_total[$__rate_interval]))", "{{instance}}")) with { Width = 12 },
        Panels.Stack("Routes by state", "As the interceptors know them.", "short", new Query("max by (state) (wakegate_interceptor_routes)", "{{state}}")) with { Width = 12, Overrides = Colours.States },
    ];

    private static Panel[] Processes() =>
    [
        Panels.Stat(
            "Versions", "How many processes of each version there are. Two of one service: an update is on its way, or stuck.", "short", Thresholds.Plain,
            new Query($"count by (service_name, service_version) (target_info\n{Ours})", "{{service_name}} {{service_version}}")) with { Width = 24 },
        Panels.Lines("Processor", "Cores in use.", "short", new Query($"sum by (job, instance) (rate(dotnet_process_cpu_time_seconds_total[$__rate_interval]))\n{Ours}", "{{instance}}")),
        Panels.Lines("Memory", "Resident: what the pod's limit is compared with.", "bytes", new Query($"dotnet_process_memory_working_set_bytes\n{Ours}", "{{instance}}")),
        Panels.Lines("Heap", "Of .NET, after the last collection, all generations.", "bytes", new Query($"sum by (job, instance) (dotnet_gc_last_collection_heap_size_bytes)\n{Ours}", "{{instance}}")),
        Panels.Lines(
            "Garbage collection", "The share of the time in which collections stopped everything. Above a few percent, requests feel it: more memory helps.", "percentunit",
            new Query($"rate(dotnet_gc_pause_time_seconds_total[$__rate_interval])\n{Ours}", "{{instance}}")),
        Panels.Lines("Waiting for a thread", "Work that waits in the thread pool. Lastingly above zero: too little processor.", "short", new Query($"dotnet_thread_pool_queue_length\n{Ours}", "{{instance}}")),
        Panels.Lines("Threads", "Of the thread pool. Growing without end: something blocks them.", "short", new Query($"dotnet_thread_pool_thread_count\n{Ours}", "{{instance}}")),
    ];
}
