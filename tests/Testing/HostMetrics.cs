using System.Diagnostics.Metrics;
using System.Globalization;

namespace Wakegate.Testing;

/// <summary>What one host measures. Listeners see all of a process; a meter's scope tells whose it is.</summary>
public sealed class HostMetrics : IDisposable
{
    private readonly MeterListener listener = new();

    // Guards all that follows.
    private readonly Lock gate = new();
    private readonly List<Measured> recorded = [];
    private readonly List<Measured> observed = [];
    private readonly Dictionary<string, Instrument> instruments = [];

    /// <param name="host">The host's meter factory. What was measured before is not known.</param>
    public HostMetrics(IMeterFactory host)
    {
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (!ReferenceEquals(instrument.Meter.Scope, host))
                return;

            lock (gate)
                instruments[instrument.Name] = instrument;
            self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.Start();
    }

    /// <summary>All that the host has made.</summary>
    public IReadOnlyList<Instrument> Instruments
    {
        get
        {
            lock (gate)
                return [.. instruments.Values];
        }
    }

    /// <summary>The sum of all that was recorded under this name with these tags.</summary>
    public double Sum(string name, params (string Key, string Value)[] tags) => Recorded(name)
        .Where(r => tags.All(tag => r.Tags.Contains(new(tag.Key, tag.Value))))
        .Sum(r => r.Value);

    /// <summary>Each measurement that was recorded under this name, as <c>key=value key=value: number</c>, sorted.</summary>
    public IReadOnlyList<string> Lines(string name) => [.. Recorded(name).Select(r => r.ToString()).Order(StringComparer.Ordinal)];

    /// <summary>What an instrument says when it is asked now, as <c>key=value key=value: number</c>, sorted.</summary>
    public IReadOnlyList<string> Observe(string name) => [.. Observe().Where(o => o.Name == name).Select(o => o.ToString()).Order(StringComparer.Ordinal)];

    /// <summary>What all instruments say that are asked.</summary>
    public IReadOnlyList<Measured> Observe()
    {
        lock (gate)
        {
            observed.Clear();
            listener.RecordObservableInstruments();
            return [.. observed];
        }
    }

    /// <summary>All that was recorded, and what is observed now.</summary>
    public IReadOnlyList<Measured> All()
    {
        lock (gate)
            return [.. recorded, .. Observe()];
    }

    /// <inheritdoc/>
    public void Dispose() => listener.Dispose();

    private List<Measured> Recorded(string name)
    {
        lock (gate)
            return recorded.FindAll(r => r.Name == name);
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (gate)
            (instrument.IsObservable ? observed : recorded).Add(new(instrument.Name, value, tags.ToArray()));
    }

    /// <summary>One measurement.</summary>
    public sealed record Measured(string Name, double Value, KeyValuePair<string, object?>[] Tags)
    {
        /// <inheritdoc/>
        public override string ToString() =>
            $"{string.Join(' ', Tags.Select(tag => $"{tag.Key}={tag.Value}"))}: {Value.ToString(CultureInfo.InvariantCulture)}";
    }
}
