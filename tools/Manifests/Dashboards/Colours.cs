namespace Wakegate.Manifests.Dashboards;

/// <summary>What has the same name has the same colour on all dashboards.</summary>
internal static class Colours
{
    public static IReadOnlyList<Override> States { get; } =
        [Of("zero", "blue"), Of("waking", "yellow"), Of("starting", "orange"), Of("queued", "orange"), Of("ready", "green"), Of("in_flight", "green"), Of("refused", "red")];

    public static IReadOnlyList<Override> CodeClasses { get; } =
        [Of("1xx", "purple"), Of("2xx", "green"), Of("3xx", "blue"), Of("4xx", "yellow"), Of("5xx", "red"), Of("left", "text")];

    public static IReadOnlyList<Override> Outcomes { get; } =
    [
        Of("served", "green"), Of("released", "green"), Of("timed_out", "red"), Of("hopeless", "dark-red"), Of("full", "orange"),
        Of("over_budget", "dark-orange"), Of("left", "text"), Of("unrouted", "purple"), Of("written", "green"), Of("failed", "red"),
    ];

    public static IReadOnlyList<Override> Quantiles { get; } = [Of("p50", "green"), Of("p95", "orange"), Of("p99", "red")];

    private static Override Of(string series, string colour) => Override.Colour(series, colour);
}
