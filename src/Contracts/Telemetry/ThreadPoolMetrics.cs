using System.Diagnostics.Metrics;

namespace Wakegate.Contracts.Telemetry;

/// <summary>
/// The thread pool's two levels by the names that <see href="https://opentelemetry.io/docs/specs/semconv/runtime/dotnet-metrics/"/> gives
/// them. .NET itself calls them counters, which a reader would take for sums that only grow.
/// </summary>
internal sealed class ThreadPoolMetrics : IDisposable
{
    private readonly Meter meter;

    public ThreadPoolMetrics(IMeterFactory meters)
    {
        meter = meters.Create("Wakegate.Runtime");
        meter.CreateObservableUpDownCounter("dotnet.thread_pool.thread.count", static () => (long)ThreadPool.ThreadCount, "{thread}", "Threads of the pool.");
        meter.CreateObservableUpDownCounter(
            "dotnet.thread_pool.queue.length", static () => ThreadPool.PendingWorkItemCount, "{work_item}", "Work that waits for a thread of the pool.");
    }

    public void Dispose() => meter.Dispose();
}
