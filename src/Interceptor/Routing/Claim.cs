using Wakegate.Contracts.Triggers;

namespace Wakegate.Interceptor.Routing;

/// <summary>That a route wants the requests with this path prefix and these headers, for one of its hosts.</summary>
/// <param name="Route">Who claims it.</param>
/// <param name="PathPrefix">As in <see cref="RouteSpec.PathPrefixes"/>.</param>
/// <param name="Headers">In a canonical order, so that equal sets are equal claims.</param>
/// <param name="Age">Of two that claim the same, the older has it.</param>
internal sealed record Claim(Route Route, string PathPrefix, IReadOnlyList<HeaderCondition> Headers, ClaimAge Age)
{
    /// <summary>Equal for claims of which only one can be had.</summary>
    public string Match { get; } = $"{PathPrefix} {string.Join(',', Headers.Select(h => h.Value is null ? h.Name : $"{h.Name}={h.Value}"))}";

    public int HeadersWithValue { get; } = Headers.Count(h => h.Value is not null);

    /// <summary>Every header condition holds; a header that occurs several times matches by any of its values.</summary>
    public bool Accepts(IHeaderDictionary headers)
    {
        for (var i = 0; i < Headers.Count; i++)
        {
            var (name, value) = Headers[i];
            if (!headers.TryGetValue(name, out var values) || (value is not null && !Contains(values, value)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Contains(Microsoft.Extensions.Primitives.StringValues values, string value)
    {
        foreach (var candidate in values)
        {
            if (string.Equals(candidate, value, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>The order of precedence between equal claims: creation, then namespace/name, then the place within the ScaledObject.</summary>
internal readonly record struct ClaimAge(DateTimeOffset Created, string ScaledObject, string Route)
{
    public static readonly Comparer<ClaimAge> Oldest = Comparer<ClaimAge>.Create((a, b) => a.CompareTo(b));

    private int CompareTo(ClaimAge other)
    {
        var byCreation = Created.CompareTo(other.Created);
        var byObject = byCreation != 0 ? byCreation : string.CompareOrdinal(ScaledObject, other.ScaledObject);
        return byObject != 0 ? byObject : string.CompareOrdinal(Route, other.Route);
    }
}
