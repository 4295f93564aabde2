using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;

namespace Wakegate.Contracts.Telemetry;

/// <summary>What is told of the process, of all that .NET measures of itself.</summary>
internal static class RuntimeInstruments
{
    public const string Meter = "System.Runtime";

    private static readonly FrozenSet<string> Told = FrozenSet.Create(
        StringComparer.Ordinal,
        "dotnet.process.cpu.time",
        "dotnet.process.memory.working_set",
        "dotnet.gc.pause.time",
        "dotnet.gc.last_collection.heap.size");

    /// <summary>A view: drops the others.</summary>
    public static MetricStreamConfiguration? View(Instrument instrument) =>
        instrument.Meter.Name == Meter && !Told.Contains(instrument.Name) ? MetricStreamConfiguration.Drop : null;
}
