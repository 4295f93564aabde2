using System.Collections.Concurrent;

namespace Wakegate.Interceptor.Routing;

/// <summary>
/// One host's claims by path prefix. A host may be shared by thousands of routes, so a change costs work for the path prefix that it touches
/// only.
/// </summary>
/// <remarks>Each path prefix is an immutable snapshot. One writer at a time; readers take no lock.</remarks>
internal sealed class HostClaims
{
    // Most hosts have one path prefix, and there may be tens of thousands of hosts.
    private readonly ConcurrentDictionary<string, PathClaims> byPath = new(concurrencyLevel: 1, capacity: 1, StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, PathClaims>.AlternateLookup<ReadOnlySpan<char>> lookup;

    // Segments of the longest path prefix that there has been. It bounds the search, so it need not shrink.
    private volatile int deepest;

    public HostClaims() => lookup = byPath.GetAlternateLookup<ReadOnlySpan<char>>();

    public bool IsEmpty => byPath.IsEmpty;

    public PathClaims? this[string pathPrefix]
    {
        get => byPath.GetValueOrDefault(pathPrefix);
        set
        {
            if (value is null)
            {
                byPath.TryRemove(pathPrefix, out _);
                return;
            }

            // First, so that whoever finds the claims also looks for them.
            deepest = Math.Max(deepest, pathPrefix.Length == 1 ? 0 : pathPrefix.Count('/'));
            byPath[pathPrefix] = value;
        }
    }

    /// <summary>Tries the longest path prefix first, down to <c>/</c>. The cost is bounded by the deepest prefix claimed, not by the path.</summary>
    public Route? Find(ReadOnlySpan<char> path, IHeaderDictionary headers)
    {
        for (var prefix = UpToSegment(path, deepest); prefix.Length > 1; prefix = prefix[..prefix.LastIndexOf('/')])
        {
            if (lookup.TryGetValue(prefix, out var claims) && claims.Find(headers) is { } route)
            {
                return route;
            }
        }

        return lookup.TryGetValue("/", out var all) ? all.Find(headers) : null;
    }

    /// <summary>The path's first segments, without a trailing slash.</summary>
    private static ReadOnlySpan<char> UpToSegment(ReadOnlySpan<char> path, int segments)
    {
        var end = 0;
        for (; segments > 0 && end < path.Length; segments--)
        {
            var next = path[(end + 1)..].IndexOf('/');
            end = next < 0 ? path.Length : end + 1 + next;
        }

        return path[..end];
    }
}
