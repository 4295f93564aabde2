namespace Wakegate.Interceptor.Routing;

/// <summary>Who claims one path prefix of one host, in the order in which they are tried. Immutable: a change makes a new one.</summary>
internal sealed class PathClaims
{
    private readonly Claim[] claims;
    private readonly Claim[] winners;

    public PathClaims(IEnumerable<Claim> claimed)
    {
        claims = [.. claimed];
        winners =
        [
            .. ByMatch().Select(Winner)
                .OrderByDescending(c => c.Headers.Count).ThenByDescending(c => c.HeadersWithValue).ThenBy(c => c.Age, ClaimAge.Oldest),
        ];
    }

    public IReadOnlyList<Claim> All => claims;

    /// <summary>Claims that another route has, each with its winner.</summary>
    public IEnumerable<(Claim Claim, Route Winner)> Lost() =>
        from same in ByMatch()
        let winner = Winner(same)
        from claim in same
        where claim.Route != winner.Route
        select (claim, winner.Route);

    public Route? Find(IHeaderDictionary headers)
    {
        foreach (var claim in winners)
        {
            if (claim.Accepts(headers))
            {
                return claim.Route;
            }
        }

        return null;
    }

    private IEnumerable<IGrouping<string, Claim>> ByMatch() => claims.GroupBy(c => c.Match, StringComparer.Ordinal);

    private static Claim Winner(IEnumerable<Claim> same) => same.MinBy(c => c.Age, ClaimAge.Oldest)!;
}
