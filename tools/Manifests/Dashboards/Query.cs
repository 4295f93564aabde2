using System.Text.Json.Nodes;

namespace Wakegate.Manifests.Dashboards;

/// <summary>What a panel asks Prometheus.</summary>
/// <param name="Expression">PromQL, with the dashboard's variables.</param>
/// <param name="Legend">How its series are called; empty where a panel shows one value.</param>
internal sealed record Query(string Expression, string Legend = "")
{
    /// <summary>How many requests, wake-ups or answers a counter that may not be there yet has counted within the panel's time range.</summary>
    public static string CountInRange(string counter) => Growth(counter, "$__range", "");

    /// <summary>
    /// The same for each step of a graph. A series that is new counts in full, since its first value is the event itself; but not on a replica that
    /// is new to Prometheus as well, which may have counted for days.
    /// </summary>
    public static string CountInStep(string counter) =>
        Growth(counter, "$__interval", "\n    and on (job, instance) (wakegate_interceptor_budget_requests offset $__interval or wakegate_scaler_trusted offset $__interval)");

    /// <summary>A quantile of a histogram whose observations are frequent.</summary>
    public static string Quantile(string quantile, string histogram, string selector = "", string by = "le") =>
        $"histogram_quantile({quantile}, sum by ({by}) (rate({histogram}_bucket{selector}[$__rate_interval])))";

    /// <summary>The mean of a histogram.</summary>
    public static string Mean(string histogram, string selector, string by) =>
        $"sum by ({by}) (rate({histogram}_sum{selector}[$__rate_interval]))\n/\nsum by ({by}) (rate({histogram}_count{selector}[$__rate_interval]))";

    public JsonObject Json(char id, string format, bool instant) => new()
    {
        ["refId"] = id.ToString(),
        ["datasource"] = DataSource.Json(),
        ["editorMode"] = "code",
        ["expr"] = Expression,
        ["legendFormat"] = Legend,
        ["format"] = format,
        ["instant"] = instant,
        ["range"] = !instant,
        ["exemplar"] = !instant && Expression.Contains("cold_start_duration_seconds_bucket", StringComparison.Ordinal),
    };

    private static string Growth(string counter, string window, string guard) => $"""
        (
          ({counter} unless {counter} offset {window}){guard}
          or
          increase({counter}[{window}])
        )
        """.ReplaceLineEndings("\n");
}
