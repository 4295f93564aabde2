using System.Diagnostics.Metrics;
using Grpc.Core;
using Wakegate.Contracts.Ledger;
using Wakegate.ExternalScaler.Pushing;

namespace Wakegate.ExternalScaler;

/// <summary>What KEDA asks and is told, and what the answers rest on.</summary>
internal sealed class ScalerMetrics
{
    private readonly UpDownCounter<long> streams;
    private readonly Counter<long> pushes;
    private readonly Counter<long> calls;

    public ScalerMetrics(IMeterFactory meters, LedgerReader ledger)
    {
        var meter = meters.Create("Wakegate.ExternalScaler");
        streams = meter.CreateUpDownCounter<long>("wakegate.scaler.streams", "{stream}", "Streams that KEDA has open.");
        pushes = meter.CreateCounter<long>("wakegate.scaler.pushes", "{push}", "Times that a stream was told that its route is active, by cause.");
        calls = meter.CreateCounter<long>("wakegate.scaler.calls", "{call}", "Calls that ended, by method and status code.");
        meter.CreateObservableGauge("wakegate.scaler.interceptors", () => ledger.LiveReplicas, "{replica}", "Interceptors that hold a lease.");
        meter.CreateObservableGauge(
            "wakegate.scaler.snapshot.age", () => Observe(ledger.Age?.TotalSeconds), "s", "Since the ledger was last read in full; nothing before it was.");
        meter.CreateObservableGauge(
            "wakegate.scaler.trusted", () => ledger.Trust.Trusted ? 1 : 0, "{ledger}", "1 while the ledger's zeros are taken for zeros.");
    }

    public void StreamOpened() => streams.Add(1);

    public void StreamClosed() => streams.Add(-1);

    public void Pushed(PushCause cause) => pushes.Add(1, new KeyValuePair<string, object?>("cause", cause.ToString().ToLowerInvariant()));

    public void Called(string method, StatusCode code) => calls.Add(1, new("method", method), new("code", code.ToString()));

    private static IEnumerable<Measurement<double>> Observe(double? value) => value is { } known ? [new(known)] : [];
}
