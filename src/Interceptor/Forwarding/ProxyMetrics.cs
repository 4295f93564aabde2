using System.Diagnostics.Metrics;
using Wakegate.Contracts.Triggers;
using Wakegate.Interceptor.Holding;
using Wakegate.Interceptor.Routing;
using Wakegate.Interceptor.Watching;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>What happened to requests. Tags are bounded: routes by their ScaledObjects, never by what a client sent.</summary>
internal sealed class ProxyMetrics
{
    private readonly Counter<long> unreachable;
    private readonly Histogram<double> held;

    public ProxyMetrics(IMeterFactory meters, RouteFactory routes)
    {
        var meter = meters.Create("Wakegate.Interceptor");
        meter.CreateObservableCounter(
            "wakegate.interceptor.requests", () => routes.All.SelectMany(Requests), "{request}", "Requests that ended, by route and class of status code.");
        unreachable = meter.CreateCounter<long>("wakegate.interceptor.pod.unreachable", "{connection}", "Connections to pods that could not be made.");
        held = meter.CreateHistogram<double>(
            "wakegate.interceptor.held.duration", "s", "How long requests were held, by route and outcome.",
            advice: new() { HistogramBucketBoundaries = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300] });
    }

    public void Unreachable(RouteId route) => unreachable.Add(1, Namespace(route), RouteName(route));

    public void Held(RouteId route, HoldOutcome outcome, TimeSpan duration) =>
        held.Record(duration.TotalSeconds, Namespace(route), RouteName(route), new("outcome", Name(outcome)));

    private static KeyValuePair<string, object?> Namespace(RouteId route) => new("namespace", route.Namespace);

    private static KeyValuePair<string, object?> RouteName(RouteId route) => new("route", route.Route);

    private static IEnumerable<Measurement<long>> Requests(Route route) =>
        route.Ended.ByClass().Select(e => new Measurement<long>(e.Count, Namespace(route.Id), RouteName(route.Id), new("code_class", e.Class)));

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
