using Wakegate.Contracts.Triggers;
using Wakegate.Interceptor.Routing;

namespace Wakegate.Interceptor.Watching;

/// <summary>
/// Turns ScaledObjects into routes and claims. A change of one costs work for its own routes and hosts only. Not thread-safe: used under
/// the cluster's lock.
/// </summary>
internal sealed class RouteRegistry(RouteTable table, RouteFactory factory, string scalerAddress, ScaledObjectEvents events)
{
    private readonly Dictionary<ObjectName, Dictionary<string, Registered>> routes = [];

    /// <summary>Takes a ScaledObject over.</summary>
    public RouteChange Set(ScaledObject scaled)
    {
        var before = routes.GetValueOrDefault(scaled.Name) ?? [];
        var now = new Dictionary<string, Registered>(StringComparer.Ordinal);
        foreach (var trigger in scaled.Spec.Triggers.Where(IsOurs))
        {
            Add(scaled, TriggerParser.Parse(scaled.Metadata.Namespace, scaled.Metadata.Name, trigger.Metadata), before, now);
        }

        if (now.Count > 0)
        {
            routes[scaled.Name] = now;
        }
        else
        {
            routes.Remove(scaled.Name);
        }

        return Replace(before.Values, now.Values, scaled);
    }

    /// <summary>Forgets a ScaledObject: what it held is answered at once, what is in flight finishes.</summary>
    public RouteChange Remove(ObjectName name) => routes.Remove(name, out var before) ? Replace(before.Values, [], null) : new([], []);

    private bool IsOurs(Trigger trigger) =>
        TriggerParser.IsOurs(trigger.Type, trigger.Metadata.GetValueOrDefault("scalerAddress"), scalerAddress);

    private void Add(ScaledObject scaled, TriggerParse parsed, Dictionary<string, Registered> before, Dictionary<string, Registered> now)
    {
        events.Report(scaled.Name, $"InvalidTrigger {parsed.Route}", parsed.Refusals);
        var last = before.GetValueOrDefault(parsed.Route);
        if (now.ContainsKey(parsed.Route))
        {
            events.Report(scaled.Name, $"DuplicateRoute {parsed.Route}", [new("route", parsed.Route,
                $"route \"{parsed.Route}\" is used by two triggers of this ScaledObject: give each a route of its own.")]);
        }
        else if (parsed.Spec is { } spec)
        {
            now[parsed.Route] = new(last is { Route.Refusal: null } ? Updated(last.Route, spec) : factory.Create(spec), spec.Hosts);
        }
        else if (last is { Route.Refusal: null })
        {
            // The last good version stays in force.
            now[parsed.Route] = last;
        }
        else if (parsed.Hosts.Count > 0)
        {
            now[parsed.Route] = new(factory.CreateRefused(scaled.Name, parsed), parsed.Hosts);
        }
    }

    private Route Updated(Route route, RouteSpec spec)
    {
        factory.Update(route, spec);
        return route;
    }

    /// <summary>Swaps claims host by host, then tells those who lost one.</summary>
    private RouteChange Replace(IReadOnlyCollection<Registered> before, IReadOnlyCollection<Registered> now, ScaledObject? scaled)
    {
        var own = before.Select(r => r.Route).ToHashSet();
        var losers = own.ToHashSet();
        foreach (var host in before.Concat(now).SelectMany(r => r.Hosts).Distinct())
        {
            var kept = (table[host]?.All ?? []).Where(c => !own.Contains(c.Route));
            var claims = kept.Concat(now.Where(r => r.Hosts.Contains(host)).SelectMany(r => Claims(r.Route, scaled!))).ToList();
            var replaced = claims.Count == 0 ? null : new HostClaims(claims);
            table[host] = replaced;
            losers.UnionWith(ReportLosers(host, replaced));
        }

        foreach (var loser in losers)
        {
            loser.Queue.Reject(request => table.Find(request.Request) != loser);
        }

        var change = new RouteChange([.. now.Select(r => r.Route)], [.. own.Except(now.Select(r => r.Route))]);
        foreach (var route in change.Gone)
        {
            factory.Retire(route);
        }

        return change;
    }

    private HashSet<Route> ReportLosers(HostPattern host, HostClaims? claims)
    {
        var lost = (claims?.Lost() ?? []).ToLookup(l => l.Claim.Route);
        foreach (var route in (claims?.All ?? []).Select(c => c.Route).Distinct())
        {
            events.Report(new(route.Id.Namespace, route.Id.ScaledObject), $"HostTaken {host}", [.. lost[route].Select(l => new Refusal(
                "hosts", host.ToString(), $"hosts \"{host}\" with path prefix {l.Claim.PathPrefix} belongs to the older ScaledObject {l.Winner.Id.Namespace}/{l.Winner.Id.ScaledObject}: choose another, or remove it there."))]);
        }

        return [.. lost.Select(l => l.Key)];
    }

    private static IEnumerable<Claim> Claims(Route route, ScaledObject scaled)
    {
        var age = new ClaimAge(scaled.Metadata.CreationTimestamp ?? DateTimeOffset.MaxValue, scaled.Name.ToString(), route.Id.Route);
        var headers = route.Spec.Headers
            .OrderBy(h => h.Name, StringComparer.OrdinalIgnoreCase).Select(h => h with { Name = h.Name.ToLowerInvariant() }).ToList();
        return route.Spec.PathPrefixes.Select(path => new Claim(route, path, headers, age));
    }

    private sealed record Registered(Route Route, IReadOnlyList<HostPattern> Hosts);
}

/// <summary>A ScaledObject's routes as they are now, and those that it no longer has.</summary>
internal sealed record RouteChange(IReadOnlyList<Route> Now, IReadOnlyList<Route> Gone);
