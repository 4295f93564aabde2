using System.Diagnostics.Metrics;
using Wakegate.Interceptor.Forwarding;
using Wakegate.Interceptor.Routing;
using Wakegate.Interceptor.Watching;

namespace Wakegate.Interceptor.Observing;

/// <summary>
/// What routes tell of themselves when metrics are collected: requests only count, and a deleted route's series end with it. A route that
/// never had a request has two series, however many its likes have.
/// </summary>
internal sealed class RouteGauges : IDisposable
{
    public const string MeterName = "Wakegate.Interceptor.Routes";

    private static readonly RouteState[] States = Enum.GetValues<RouteState>();

    private readonly IMeterFactory scope;
    private readonly RouteFactory routes;
    private readonly RouteHistograms histograms;
    private readonly ProxyMetrics proxy;
    private Meter meter;

    public RouteGauges(IMeterFactory meters, RouteFactory routes, RouteHistograms histograms, ProxyMetrics proxy, RouteSeries series)
    {
        (scope, this.routes, this.histograms, this.proxy) = (meters, routes, histograms, proxy);
        meter = Create();
        series.Outgrown += Renew;
    }

    public void Dispose() => meter.Dispose();

    /// <summary>Readers see nothing of it, unless they collect at this very moment: nothing is counted in these instruments.</summary>
    private void Renew()
    {
        // First the old ones: where OpenTelemetry still has an instrument it takes its like for the same.
        meter.Dispose();
        meter = Create();
    }

    private Meter Create()
    {
        var made = new Meter(new MeterOptions(MeterName) { Scope = scope });
        made.CreateObservableCounter(
            "wakegate.interceptor.requests", () => Of(Requests), "{request}", "Requests that ended, by class of status code, cold or warm.");
        made.CreateObservableCounter("wakegate.interceptor.problems", Problems, "{answer}", "Answers of the interceptor's own, by problem.");
        made.CreateObservableGauge("wakegate.interceptor.pending", () => Of(Pending), "{request}", "Requests pending now, by state.");
        made.CreateObservableGauge("wakegate.interceptor.queue.oldest.age", () => Of(OldestAge), "s", "How long the oldest held request has waited.");
        made.CreateObservableCounter("wakegate.interceptor.wakes", () => Of(Wakes), "{wake}", "Wake-ups from zero that ended, by outcome.");
        made.CreateObservableCounter("wakegate.interceptor.pod.failures", () => Of(PodFailures), "{attempt}", "Attempts that a pod failed, by reason.");
        made.CreateObservableCounter("wakegate.interceptor.retries", () => Of(Retries), "{attempt}", "Requests sent to a pod again, by reason.");
        made.CreateObservableGauge(
            "wakegate.interceptor.pods.ready", () => routes.All.Select(r => r.Tags.Measure(r.Pods.All.Count)), "{pod}", "Pods that take traffic.");
        made.CreateObservableCounter(
            "wakegate.interceptor.zero.time", () => routes.All.Select(r => r.Tags.Measure(r.AtZero.Total.TotalSeconds)), "s", "Time at zero, without any endpoint.");

        // Series of durations are dropped as they are collected, and this is asked first.
        made.CreateObservableGauge("wakegate.interceptor.routes", RoutesByState, "{route}", "Routes, by state.");
        return made;
    }

    /// <summary>Routes that have had a request.</summary>
    private IEnumerable<Measurement<T>> Of<T>(Func<Route, IEnumerable<Measurement<T>>> measure)
        where T : struct => routes.All.Where(r => r.Counts.Pending > 0 || r.Tally.Requests > 0).SelectMany(measure);

    private static IEnumerable<Measurement<long>> Requests(Route route) =>
        route.Tally.ByClass().Select(e => new Measurement<long>(
            e.Count, route.Tags.Namespace, route.Tags.Route, new("code_class", e.Class), new("start", e.Start)));

    private IEnumerable<Measurement<long>> Problems() =>
        routes.All.Concat(routes.Refused).SelectMany(route => Labelled(route, route.Tally.Problems, "problem"))
            .Concat(proxy.Unrouted.All.Select(p => new Measurement<long>(p.Count, new KeyValuePair<string, object?>("problem", p.Label))));

    private static IEnumerable<Measurement<int>> Pending(Route route)
    {
        var (pending, waking, queued) = (route.Counts.Pending, route.Counts.Waking, route.Counts.Queued);
        yield return route.Tags.Measure(waking, "state", "waking");
        yield return route.Tags.Measure(queued, "state", "queued");

        // The held are counted apart, and may be a moment behind.
        yield return route.Tags.Measure(Math.Max(0, pending - waking - queued), "state", "in_flight");
    }

    private static IEnumerable<Measurement<double>> OldestAge(Route route) => [route.Tags.Measure(route.Queue.OldestAge.TotalSeconds)];

    private static IEnumerable<Measurement<long>> Wakes(Route route) => Labelled(route, route.Tally.Wakes, "outcome");

    private static IEnumerable<Measurement<long>> PodFailures(Route route) => Labelled(route, route.Tally.PodFailures, "reason");

    private static IEnumerable<Measurement<long>> Retries(Route route) => Labelled(route, route.Tally.Retries, "reason");

    private static IEnumerable<Measurement<long>> Labelled(Route route, LabelledCounts counts, string tag) =>
        counts.All.Select(c => route.Tags.Measure(c.Count, tag, c.Label));

    private IEnumerable<Measurement<int>> RoutesByState()
    {
        histograms.Renew();
        var counts = routes.All.Concat(routes.Refused).CountBy(r => r.State()).ToDictionary();
        return States.Select(s => new Measurement<int>(counts.GetValueOrDefault(s), new KeyValuePair<string, object?>("state", s.Name())));
    }
}
