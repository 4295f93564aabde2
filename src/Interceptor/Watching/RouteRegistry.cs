using Wakegate.Contracts.Triggers;
using Wakegate.Interceptor.Routing;

namespace Wakegate.Interceptor.Watching;

/// <summary>
/// Turns ScaledObjects into routes and claims. A change of one costs work for its own routes, hosts and paths only. Not thread-safe: used under
/// the cluster's lock.
/// </summary>
internal sealed class RouteRegistry(RouteTable table, RouteFactory factory, string scalerAddress, ScaledObjectEvents events)
{
    private const string HostTaken = nameof(HostTaken);

    private readonly Dictionary<ObjectName, Dictionary<string, Registered>> routes = [];

    /// <summary>Takes a ScaledObject over.</summary>
    public RouteChange Set(ScaledObject scaled)
    {
        var before = routes.GetValueOrDefault(scaled.Name) ?? [];
        var now = new Dictionary<string, Registered>(StringComparer.Ordinal);
        var parsed = (scaled.Spec.Triggers ?? []).Where(IsOurs)
            .Select(trigger => TriggerParser.Parse(scaled.Metadata.Namespace, scaled.Metadata.Name, trigger.Metadata!))
            .ToLookup(trigger => trigger.Route, StringComparer.Ordinal);
        foreach (var same in parsed)
        {
            Report(scaled.Name, same.Key, [.. same]);

            // Of several with one route, the first that is valid has it.
            Add(scaled, same.FirstOrDefault(trigger => trigger.Spec is not null) ?? same.First(), before, now);
        }

        events.Mend(scaled.Name, topic => IsOfRoute(topic, out var route) && !parsed.Contains(route));

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
        var last = before.GetValueOrDefault(parsed.Route);
        if (parsed.Spec is { } spec)
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

    private void Report(ObjectName scaled, string route, IReadOnlyList<TriggerParse> same)
    {
        events.Report(scaled, $"InvalidTrigger {route}", [.. same.SelectMany(trigger => trigger.Refusals)]);
        events.Report(scaled, $"DuplicateRoute {route}", same.Count == 1 ? [] :
            [new("route", route, $"route \"{route}\" is used by two triggers of this ScaledObject: give each a route of its own.")]);
    }

    /// <summary>Whether a topic is about a route, and not about a host or the whole object.</summary>
    private static bool IsOfRoute(string topic, out string route)
    {
        var space = topic.IndexOf(' ', StringComparison.Ordinal);
        route = topic[(space + 1)..];
        return space > 0 && topic[..space] != HostTaken;
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
            losers.UnionWith(ReportLosers(place, replaced, own));
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

    private HashSet<Route> ReportLosers(ClaimPlace place, PathClaims? claims, IEnumerable<Route> before)
    {
        // By object and not by route: one of its routes may have what another has lost.
        var lost = (claims?.Lost() ?? []).ToLookup(l => NameOf(l.Claim.Route));
        foreach (var scaled in (claims?.All ?? []).Select(c => c.Route).Concat(before).Select(NameOf).Distinct())
        {
            events.Report(scaled, $"{HostTaken} {place.Host}{place.PathPrefix}", [.. lost[scaled].Select(l => Taken(place, l.Claim, l.Winner))]);
        }

        return [.. lost.SelectMany(l => l).Select(l => l.Claim.Route)];
    }

    private static Refusal Taken(ClaimPlace place, Claim claim, Route winner)
    {
        var owner = NameOf(claim.Route) == NameOf(winner)
            ? $"another trigger of this ScaledObject, with route \"{winner.Id.Route}\": let only one of them claim it"
            : $"the older ScaledObject {NameOf(winner)}: choose another, or remove it there";
        return new("hosts", place.Host.ToString(), $"hosts \"{place.Host}\" with path prefix {place.PathPrefix} belongs to {owner}.");
    }

    private static ObjectName NameOf(Route route) => new(route.Id.Namespace, route.Id.ScaledObject);

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
