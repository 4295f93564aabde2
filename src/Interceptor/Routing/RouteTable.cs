using System.Collections.Concurrent;
using Wakegate.Contracts.Triggers;

namespace Wakegate.Interceptor.Routing;

/// <summary>
/// Finds the route of a request: exact host, then the longest wildcard, then <c>*</c>; within a host as <see cref="HostClaims"/> says. Where a
/// host's claims do not match, the next wider host is tried. The cost of a look-up does not depend on the number of routes, that of a
/// change only on the hosts and path prefixes it touches.
/// </summary>
/// <remarks>One writer at a time (the watches' lock); readers take no lock.</remarks>
internal sealed class RouteTable
{
    private readonly ConcurrentDictionary<string, HostClaims> exact = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, HostClaims> wildcard = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, HostClaims>.AlternateLookup<ReadOnlySpan<char>> exactByName;
    private readonly ConcurrentDictionary<string, HostClaims>.AlternateLookup<ReadOnlySpan<char>> wildcardByName;
    private volatile HostClaims? any;

    public RouteTable()
    {
        exactByName = exact.GetAlternateLookup<ReadOnlySpan<char>>();
        wildcardByName = wildcard.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Whether the cluster's ScaledObjects have all been read once: before, nothing is known to be unclaimed.</summary>
    public bool Complete { get; set; }

    /// <summary>The route of a request, or null where no one claims it.</summary>
    public Route? Find(HttpRequest request) => Find(request.Headers.Host.ToString(), request.Path.Value, request.Headers);

    /// <summary>The route of a request, or null where no one claims it.</summary>
    /// <param name="hostHeader">As it came: any case, with or without a port.</param>
    /// <param name="path">Decoded, with dot segments resolved.</param>
    /// <param name="headers">All of the request's headers.</param>
    public Route? Find(ReadOnlySpan<char> hostHeader, ReadOnlySpan<char> path, IHeaderDictionary headers)
    {
        var host = HostName.WithoutPort(hostHeader);
        if (exactByName.TryGetValue(host, out var claims) && claims.Find(path, headers) is { } route)
        {
            return route;
        }

        for (var dot = wildcard.IsEmpty ? -1 : host.IndexOf('.'); dot >= 0; dot = host.IndexOf('.'))
        {
            host = host[(dot + 1)..];
            if (wildcardByName.TryGetValue(host, out claims) && claims.Find(path, headers) is { } below)
            {
                return below;
            }
        }

        return any?.Find(path, headers);
    }

    /// <summary>Who claims a path prefix of a host now; null where nobody does.</summary>
    public PathClaims? this[ClaimPlace place]
    {
        get => Find(place.Host)?[place.PathPrefix];
        set
        {
            var host = Find(place.Host) ?? new HostClaims();
            host[place.PathPrefix] = value;
            Set(place.Host, host.IsEmpty ? null : host);
        }
    }

    private HostClaims? Find(HostPattern host) => host.Kind switch
    {
        HostKind.Exact => exact.GetValueOrDefault(host.Name),
        HostKind.Wildcard => wildcard.GetValueOrDefault(host.Name),
        _ => any,
    };

    private void Set(HostPattern host, HostClaims? claims)
    {
        if (host.Kind == HostKind.Any)
        {
            any = claims;
            return;
        }

        var hosts = host.Kind == HostKind.Exact ? exact : wildcard;
        if (claims is null)
        {
            hosts.TryRemove(host.Name, out _);
        }
        else
        {
            hosts[host.Name] = claims;
        }
    }
}

/// <summary>What can be claimed, apart from headers.</summary>
internal readonly record struct ClaimPlace(HostPattern Host, string PathPrefix);
