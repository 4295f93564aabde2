using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;

namespace Wakegate.Interceptor.Observing;

/// <summary>
/// Durations by route. An instrument keeps every series that it has ever had, so when a route goes all of them are begun anew, which its
/// readers take for a restart: the instruments' meter is replaced just as they are collected, after which the old series are seen once
/// more and the new ones from zero.
/// </summary>
internal sealed class RouteHistograms : IDisposable
{
    public const string MeterName = "Wakegate.Interceptor.Durations";

    private static readonly double[] Waits = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300];
    private static readonly double[] Answers = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

    private readonly IMeterFactory scope;
    private volatile Instruments instruments;
    private int stale;

    public RouteHistograms(IMeterFactory meters, RouteSeries series)
    {
        scope = meters;
        instruments = Create();
        series.Outgrown += Forget;
    }

    /// <summary>A route is gone, or more have come than there is room for.</summary>
    public void Forget() => Volatile.Write(ref stale, 1);

    /// <summary>Called as metrics are collected.</summary>
    public void Renew()
    {
        if (Interlocked.Exchange(ref stale, 0) == 1)
        {
            // First the old ones: where OpenTelemetry still has an instrument it takes its like for the same.
            instruments.Meter.Dispose();
            instruments = Create();
        }
    }

    public void Held(RouteTags route, string outcome, TimeSpan duration) =>
        instruments.Held.Record(duration.TotalSeconds, route.Namespace, route.Route, new("outcome", outcome));

    public void Responded(RouteTags route, TimeSpan duration) =>
        instruments.Upstream.Record(duration.TotalSeconds, route.Namespace, route.Route);

    public void ColdStart(RouteTags route, TimeSpan duration) =>
        instruments.ColdStart.Record(duration.TotalSeconds, route.Namespace, route.Route);

    public void ColdStartPhase(RouteTags route, string phase, TimeSpan duration) =>
        instruments.Phase.Record(duration.TotalSeconds, route.Namespace, route.Route, new("phase", phase));

    public void WakeStep(RouteTags route, string step, TimeSpan duration) =>
        instruments.Step.Record(duration.TotalSeconds, route.Namespace, route.Route, new("step", step));

    public void Dispose() => instruments.Meter.Dispose();

    [SuppressMessage("Reliability", "CA2000", Justification = "Disposed when it is replaced, or with this.")]
    private Instruments Create()
    {
        var meter = new Meter(new MeterOptions(MeterName) { Scope = scope });
        return new(
            meter,
            Histogram("wakegate.interceptor.held.duration", "How long requests were held, by route and outcome.", Waits),
            Histogram("wakegate.interceptor.upstream.duration", "From sending a request to a pod until its response's headers.", Answers),
            Histogram("wakegate.interceptor.cold_start.duration", "Wake-ups from zero: arrival of the request that caused it until the first byte at a pod.", Waits),
            Histogram("wakegate.interceptor.cold_start.phase.duration", "Parts of wake-ups: until the first ready endpoint, and from there to the first byte at the pod.", Waits),
            Histogram("wakegate.interceptor.cold_start.wake.duration", "Parts of the wake as seen on the pods: until scheduled, started and ready.", Waits));

        Histogram<double> Histogram(string name, string description, double[] bounds) =>
            meter.CreateHistogram<double>(name, "s", description, advice: new() { HistogramBucketBoundaries = bounds });
    }

    private sealed record Instruments(
        Meter Meter, Histogram<double> Held, Histogram<double> Upstream, Histogram<double> ColdStart, Histogram<double> Phase, Histogram<double> Step);
}
