using System.Diagnostics.Metrics;

namespace Wakegate.Contracts.Ledger;

/// <summary>How well this process's counts reach the ledger.</summary>
internal sealed class LedgerMetrics
{
    private readonly TimeProvider clock;
    private readonly Counter<long> writes;
    private readonly Histogram<double> durations;
    private long written;

    public LedgerMetrics(IMeterFactory meters, TimeProvider clock)
    {
        this.clock = clock;
        written = clock.GetTimestamp();
        var meter = meters.Create("Wakegate.Ledger");
        writes = meter.CreateCounter<long>("wakegate.ledger.writes", "{write}", "Writes to Redis, by outcome.");
        durations = meter.CreateHistogram<double>(
            "wakegate.ledger.write.duration", "s", "How long writes took that reached Redis.",
            advice: new() { HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1] });
        meter.CreateObservableGauge(
            "wakegate.ledger.lag", () => clock.GetElapsedTime(Volatile.Read(ref written)).TotalSeconds, "s", "Since the last write that reached Redis.");
    }

    /// <param name="began">A timestamp of the clock.</param>
    public void Written(long began)
    {
        var now = clock.GetTimestamp();
        Volatile.Write(ref written, now);
        writes.Add(1, new KeyValuePair<string, object?>("outcome", "written"));
        durations.Record(clock.GetElapsedTime(began, now).TotalSeconds);
    }

    public void Failed() => writes.Add(1, new KeyValuePair<string, object?>("outcome", "failed"));
}
