using System.Collections.Frozen;

namespace Wakegate.Interceptor.Routing;

/// <summary>One host's claims in the order in which they are tried. Immutable: a change makes a new one.</summary>
internal sealed class HostClaims
{
    private readonly Claim[] claims;
    private readonly FrozenDictionary<string, Claim[]> byPath;
    private readonly FrozenDictionary<string, Claim[]>.AlternateLookup<ReadOnlySpan<char>> lookup;
    private readonly int deepest;

    public HostClaims(IEnumerable<Claim> claimed)
    {
        claims = [.. claimed];
        byPath = claims
            .GroupBy(c => c.Match, StringComparer.Ordinal)
            .Select(same => same.MinBy(c => c.Age, ClaimAge.Oldest)!)
            .GroupBy(c => c.PathPrefix, StringComparer.Ordinal)
            .ToFrozenDictionary(path => path.Key, Ordered, StringComparer.Ordinal);
        lookup = byPath.GetAlternateLookup<ReadOnlySpan<char>>();
        deepest = byPath.Keys.Max(path => path.Length == 1 ? 0 : path.Count('/'));
    }

    public IEnumerable<Claim> All => claims;

    /// <summary>Claims that another route has, each with its winner.</summary>
    public IEnumerable<(Claim Claim, Route Winner)> Lost() =>
        from same in claims.GroupBy(c => c.Match, StringComparer.Ordinal)
        let winner = same.MinBy(c => c.Age, ClaimAge.Oldest)!
        from claim in same
        where claim.Route != winner.Route
        select (claim, winner.Route);

    /// <summary>Tries the longest path prefix first, down to <c>/</c>. The cost is bounded by the deepest prefix claimed, not by the path.</summary>
    public Route? Find(ReadOnlySpan<char> path, IHeaderDictionary headers)
    {
        for (var prefix = UpToSegment(path, deepest); prefix.Length > 1; prefix = prefix[..prefix.LastIndexOf('/')])
        {
            if (lookup.TryGetValue(prefix, out var candidates) && First(candidates, headers) is { } route)
            {
                return route;
            }
        }

        return lookup.TryGetValue("/", out var all) ? First(all, headers) : null;
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

    private static Route? First(Claim[] candidates, IHeaderDictionary headers)
    {
        foreach (var claim in candidates)
        {
            if (claim.Accepts(headers))
            {
                return claim.Route;
            }
        }

        return null;
    }

    private static Claim[] Ordered(IEnumerable<Claim> claims) =>
        [.. claims.OrderByDescending(c => c.Headers.Count).ThenByDescending(c => c.HeadersWithValue).ThenBy(c => c.Age, ClaimAge.Oldest)];
}
