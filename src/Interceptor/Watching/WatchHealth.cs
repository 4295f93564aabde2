using System.Collections.Concurrent;

namespace Wakegate.Interceptor.Watching;

/// <summary>Which watches are failing and why, for whoever looks at an interceptor. Written by each watch for itself.</summary>
internal sealed class WatchHealth
{
    private readonly ConcurrentDictionary<string, string> failing = new(StringComparer.Ordinal);

    public void Failing(string path, string why) => failing[path] = why;

    public void Working(string path) => failing.TryRemove(path, out _);

    /// <summary>What cannot be watched, and why.</summary>
    public IEnumerable<(string Path, string Why)> All => failing.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => (f.Key, f.Value));

    /// <summary>A line for each that is failing.</summary>
    public override string ToString() => string.Join('\n', All.Select(f => $"{f.Path}: {f.Why}"));
}
