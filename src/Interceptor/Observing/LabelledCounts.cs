using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Wakegate.Interceptor.Observing;

/// <summary>Counts by a label of which there are few. For what happens now and then: a warm request adds to none.</summary>
internal sealed class LabelledCounts
{
    private readonly ConcurrentDictionary<string, StrongBox<long>> counts = new(concurrencyLevel: 1, capacity: 1, StringComparer.Ordinal);

    public void Add(string label) => Interlocked.Increment(ref counts.GetOrAdd(label, static _ => new()).Value);

    /// <summary>The labels of which there were any, and how many.</summary>
    public IEnumerable<(string Label, long Count)> All => counts.Select(c => (c.Key, Interlocked.Read(ref c.Value.Value)));
}
