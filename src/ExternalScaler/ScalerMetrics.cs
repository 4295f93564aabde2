using System.Diagnostics.Metrics;
using Grpc.Core;
using Wakegate.Contracts.Ledger;
using Wakegate.ExternalScaler.Answering;
using Wakegate.ExternalScaler.Pushing;

namespace Wakegate.ExternalScaler;

/// <summary>What KEDA asks and is told, and what the answers rest on.</summary>
internal sealed class ScalerMetrics
{
    // Redis's clock has milliseconds.
    private static readonly double[] Delays = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
    private static readonly double[] Answers = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1];

    private readonly UpDownCounter<long> streams;
    private readonly Counter<long> pushes;
    private readonly Counter<long> calls;
    private readonly Histogram<double> delays;
    private readonly Histogram<double> durations;

    public ScalerMetrics(IMeterFactory meters, LedgerReader ledger, PolledRoutes polled)
    {
        var meter = meters.Create("Wakegate.ExternalScaler");
        streams = meter.CreateUpDownCounter<long>("wakegate.scaler.streams", "{stream}", "Streams that KEDA has open.");
        pushes = meter.CreateCounter<long>("wakegate.scaler.pushes", "{push}", "Times that a stream was told that its route is active, by cause.");
        calls = meter.CreateCounter<long>("wakegate.scaler.calls", "{call}", "Calls that ended, by method and status code.");
        delays = meter.CreateHistogram<double>(
            "wakegate.scaler.edge.delay", "s", "From a route's first pending or first held request until KEDA's stream was told.",
            advice: new() { HistogramBucketBoundaries = Delays });
        durations = meter.CreateHistogram<double>(
            "wakegate.scaler.call.duration", "s", "How long unary calls took to answer.", advice: new() { HistogramBucketBoundaries = Answers });
        meter.CreateObservableGauge("wakegate.scaler.polled", () => polled.Count(), "{trigger}", "Triggers that KEDA has polled lately.");
        meter.CreateObservableGauge("wakegate.scaler.interceptors", () => ledger.LiveReplicas, "{replica}", "Interceptors that hold a lease.");
        meter.CreateObservableGauge(
            "wakegate.scaler.snapshot.age", () => Observe(ledger.Age?.TotalSeconds), "s", "Since the ledger was last read in full; nothing before it was.");
        meter.CreateObservableGauge(
            "wakegate.scaler.trusted", () => ledger.Trust.Trusted ? 1 : 0, "{ledger}", "1 while the ledger's zeros are taken for zeros.");
    }

    public void StreamOpened(string method) => streams.Add(1, Method(method));

    public void StreamClosed(string method, StatusCode code)
    {
        streams.Add(-1, Method(method));
        Ended(method, code);
    }

    /// <summary>A unary call has ended.</summary>
    public void Called(string method, StatusCode code, TimeSpan duration)
    {
        Ended(method, code);
        durations.Record(duration.TotalSeconds, Method(method));
    }

    /// <param name="cause">Why the stream was told.</param>
    /// <param name="delay">How long ago it happened, where it is told because it has just happened.</param>
    public void Pushed(PushCause cause, TimeSpan? delay)
    {
        var tag = new KeyValuePair<string, object?>("cause", cause.Name());
        pushes.Add(1, tag);
        if (delay is { } known)
            delays.Record(known.TotalSeconds, tag);
    }

    private void Ended(string method, StatusCode code) => calls.Add(1, Method(method), new("code", code.ToString()));

    private static KeyValuePair<string, object?> Method(string method) => new("method", method);

    private static IEnumerable<Measurement<double>> Observe(double? value) => value is { } known ? [new(known)] : [];
}
