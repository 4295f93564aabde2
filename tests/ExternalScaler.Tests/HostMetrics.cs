using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Wakegate.ExternalScaler.Tests;

/// <summary>What one host counts. Listeners see all of a process; a meter's scope tells whose it is.</summary>
internal sealed class HostMetrics : IDisposable
{
    private readonly MeterListener listener = new();
    private readonly ConcurrentBag<(string Name, long Value, KeyValuePair<string, object?>[] Tags)> counted = [];

    public HostMetrics(IMeterFactory host)
    {
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, host))
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => counted.Add((instrument.Name, value, tags.ToArray())));
        listener.Start();
    }

    /// <summary>The sum of all that was counted under this name with these tags.</summary>
    public long Sum(string name, params (string Key, string Value)[] tags) => counted
        .Where(count => count.Name == name && tags.All(tag => count.Tags.Contains(new(tag.Key, tag.Value))))
        .Sum(count => count.Value);

    public void Dispose() => listener.Dispose();
}
