using System.Diagnostics.Metrics;
using Wakegate.Contracts.Triggers;
using Wakegate.Interceptor.Holding;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>What happened to requests. Tags are bounded: routes by their ScaledObjects, never by what a client sent.</summary>
internal sealed class ProxyMetrics
{
    private readonly Counter<long> requests;
    private readonly Counter<long> unreachable;
    private readonly Histogram<double> held;

    public ProxyMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Wakegate.Interceptor");
        requests = meter.CreateCounter<long>("wakegate.interceptor.requests", "{request}", "Requests that ended, by route and class of status code.");
        unreachable = meter.CreateCounter<long>("wakegate.interceptor.pod.unreachable", "{connection}", "Connections to pods that could not be made.");
        held = meter.CreateHistogram<double>(
            "wakegate.interceptor.held.duration", "s", "How long requests were held, by route and outcome.",
            advice: new() { HistogramBucketBoundaries = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300] });
    }

    public void Ended(RouteId route, HttpContext context) => requests.Add(
        1, Namespace(route), Route(route), new("code_class", context.RequestAborted.IsCancellationRequested ? "left" : Class(context.Response.StatusCode)));

    public void Unreachable(RouteId route) => unreachable.Add(1, Namespace(route), Route(route));

    public void Held(RouteId route, HoldOutcome outcome, TimeSpan duration) =>
        held.Record(duration.TotalSeconds, Namespace(route), Route(route), new("outcome", Name(outcome)));

    private static KeyValuePair<string, object?> Namespace(RouteId route) => new("namespace", route.Namespace);

    private static KeyValuePair<string, object?> Route(RouteId route) => new("route", route.Route);

    private static string Class(int status) => (status / 100) switch { 1 => "1xx", 2 => "2xx", 3 => "3xx", 4 => "4xx", _ => "5xx" };

    private static string Name(HoldOutcome outcome) => outcome switch
    {
        HoldOutcome.Released => "released",
        HoldOutcome.TimedOut => "timed_out",
        HoldOutcome.Full => "full",
        HoldOutcome.OverBudget => "over_budget",
        HoldOutcome.Hopeless => "hopeless",
        HoldOutcome.Left => "left",
        _ => "unrouted",
    };
}
