using Wakegate.Contracts.Triggers;
using Wakegate.Interceptor.Routing;

namespace Wakegate.Interceptor.Watching;

/// <summary>
/// Turns ScaledObjects into routes and claims. A change of one costs work for its own routes, hosts and paths only. Not thread-safe: used under
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
        foreach (var trigger in (scaled.Spec.Triggers ?? []).Where(IsOurs))
        {
            Add(scaled, TriggerParser.Parse(scaled.Metadata.Namespace, scaled.Metadata.Name, trigger.Metadata!), before, now);
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
        TriggerParser.IsOurs(trigger.Type, trigger.Metadata?.GetValueOrDefault("scalerAddress"), scalerAddress);

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
            now[parsed.Route] = new(last is { Route.Refusal: null } ? Updated(last.Route, spec) : factory.Create(spec), spec);
        }
        else if (last is { Route.Refusal: null })
        {
            // The last good version stays in force.
            now[parsed.Route] = last;
        }
        else if (parsed.Hosts.Count > 0)
        {
            var refused = factory.CreateRefused(scaled.Name, parsed);
            now[parsed.Route] = new(refused, refused.Spec);
        }
    }

    private Route Updated(Route route, RouteSpec spec)
    {
        factory.Update(route, spec);
        return route;
    }

    /// <summary>Swaps claims place by place, then tells those who lost one.</summary>
    private RouteChange Replace(IReadOnlyCollection<Registered> before, IReadOnlyCollection<Registered> now, ScaledObject? scaled)
    {
        var own = before.Select(r => r.Route).ToHashSet();
        var losers = own.ToHashSet();
        var claimed = now.SelectMany(r => r.Places.Select(place => (Place: place, Claim: NewClaim(r, place, scaled!)))).ToLookup(c => c.Place, c => c.Claim);

        // What is claimed now comes first: a route that moves is never nowhere.
        foreach (var place in claimed.Select(c => c.Key).Union(before.SelectMany(r => r.Places)))
        {
            var claims = (table[place]?.All ?? []).Where(c => !own.Contains(c.Route)).Concat(claimed[place]).ToList();
            var replaced = claims.Count == 0 ? null : new PathClaims(claims);
            table[place] = replaced;
            losers.UnionWith(ReportLosers(place, replaced, own).Keys);
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

    private Dictionary<Route, RouteId> ReportLosers(ClaimPlace place, PathClaims? claims, IEnumerable<Route> before)
    {
        var lost = (claims?.Lost() ?? []).ToDictionary(l => l.Claim.Route, l => l.Winner.Id);
        foreach (var route in (claims?.All ?? []).Select(c => c.Route).Union(before))
        {
            events.Report(
                new(route.Id.Namespace, route.Id.ScaledObject),
                $"HostTaken {place.Host}{place.PathPrefix}",
                lost.TryGetValue(route, out var winner) ? [Taken(place, winner)] : []);
        }

        return lost;
    }

    private static Refusal Taken(ClaimPlace place, RouteId winner) => new("hosts", place.Host.ToString(),
        $"hosts \"{place.Host}\" with path prefix {place.PathPrefix} belongs to the older ScaledObject {winner.Namespace}/{winner.ScaledObject}: choose another, or remove it there.");

    private static Claim NewClaim(Registered registered, ClaimPlace place, ScaledObject scaled)
    {
        var age = new ClaimAge(scaled.Metadata.CreationTimestamp ?? DateTimeOffset.MaxValue, scaled.Name.ToString(), registered.Route.Id.Route);
        var headers = registered.Spec.Headers
            .OrderBy(h => h.Name, StringComparer.OrdinalIgnoreCase).Select(h => h with { Name = h.Name.ToLowerInvariant() }).ToList();
        return new Claim(registered.Route, place.PathPrefix, headers, age);
    }

    /// <param name="Route">Outlives changes of its trigger.</param>
    /// <param name="Spec">What it was when it was registered.</param>
    private sealed record Registered(Route Route, RouteSpec Spec)
    {
        public IEnumerable<ClaimPlace> Places => from host in Spec.Hosts from path in Spec.PathPrefixes select new ClaimPlace(host, path);
    }
}

/// <summary>A ScaledObject's routes as they are now, and those that it no longer has.</summary>
internal sealed record RouteChange(IReadOnlyList<Route> Now, IReadOnlyList<Route> Gone);
