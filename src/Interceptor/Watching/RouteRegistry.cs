using Wakegate.Contracts.Triggers;
using Wakegate.Interceptor.Routing;

namespace Wakegate.Interceptor.Watching;

/// <summary>
/// Turns ScaledObjects into routes and claims. A change of one costs work for its own routes and hosts only. Not thread-safe: used under
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
        var parsed = scaled.Spec.Triggers.Where(IsOurs)
            .Select(trigger => TriggerParser.Parse(scaled.Metadata.Namespace, scaled.Metadata.Name, trigger.Metadata))
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
        TriggerParser.IsOurs(trigger.Type, trigger.Metadata.GetValueOrDefault("scalerAddress"), scalerAddress);

    private void Add(ScaledObject scaled, TriggerParse parsed, Dictionary<string, Registered> before, Dictionary<string, Registered> now)
    {
        var last = before.GetValueOrDefault(parsed.Route);
        if (parsed.Spec is { } spec)
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

    private void Report(ObjectName scaled, string route, IReadOnlyList<TriggerParse> same)
    {
        events.Report(scaled, $"InvalidTrigger {route}", [.. same.SelectMany(trigger => trigger.Refusals)]);
        events.Report(scaled, $"NotInForce {route}", [.. same.Select(trigger => trigger.Spec).OfType<RouteSpec>().Take(1).SelectMany(NotInForce)]);
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

    /// <summary>What the parser takes and this version does not do yet: better said than silently ignored.</summary>
    private static IEnumerable<Refusal> NotInForce(RouteSpec spec)
    {
        if (spec.PodConcurrency > 0)
        {
            yield return new("podConcurrency", $"{spec.PodConcurrency}", $"podConcurrency \"{spec.PodConcurrency}\" is not in force in this version: pods get requests without a limit.");
        }

        if (spec.Readiness == Readiness.Probe)
        {
            yield return new("readiness", "probe", "readiness \"probe\" is not in force in this version: a pod takes traffic when its EndpointSlice says ready.");
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
            losers.UnionWith(ReportLosers(host, replaced, own));
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

    private HashSet<Route> ReportLosers(HostPattern host, HostClaims? claims, IEnumerable<Route> before)
    {
        // By object and not by route: one of its routes may have what another has lost.
        var lost = (claims?.Lost() ?? []).ToLookup(l => NameOf(l.Claim.Route));
        foreach (var scaled in (claims?.All ?? []).Select(c => c.Route).Concat(before).Select(NameOf).Distinct())
        {
            events.Report(scaled, $"{HostTaken} {host}", [.. lost[scaled].Select(l => Taken(host, l.Claim, l.Winner))]);
        }

        return [.. lost.SelectMany(l => l).Select(l => l.Claim.Route)];
    }

    private static Refusal Taken(HostPattern host, Claim claim, Route winner)
    {
        var owner = NameOf(claim.Route) == NameOf(winner)
            ? $"another trigger of this ScaledObject, with route \"{winner.Id.Route}\": let only one of them claim it"
            : $"the older ScaledObject {NameOf(winner)}: choose another, or remove it there";
        return new("hosts", host.ToString(), $"hosts \"{host}\" with path prefix {claim.PathPrefix} belongs to {owner}.");
    }

    private static ObjectName NameOf(Route route) => new(route.Id.Namespace, route.Id.ScaledObject);

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
