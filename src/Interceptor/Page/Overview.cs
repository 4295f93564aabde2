using Wakegate.Interceptor.Routing;
using Wakegate.Interceptor.Watching;

namespace Wakegate.Interceptor.Page;

/// <summary>All routes as the open pages know them, and what has changed since they were told. Used by the feed's loop alone.</summary>
internal sealed class Overview(
    RouteFactory routes, ScaledObjectEvents events, PendingEverywhere pending, TrafficHistory history, Facts facts, TimeProvider clock)
{
    private readonly Dictionary<Route, ShownRoute> shown = [];
    private readonly Dictionary<string, Route> byId = new(StringComparer.Ordinal);
    private IReadOnlyList<ObjectName> routeless = [];
    private Totals? totals;
    private IReadOnlyList<Trouble> troubles = [];
    private long round;
    private long historyTold;

    /// <summary>Looks at all routes, and says what has changed since the last look; null where nothing has.</summary>
    public OverviewChange? Look()
    {
        round++;
        pending.Look();
        var changed = LookAtRoutes();
        var gone = TakeGone();
        var (totalsNow, troublesNow) = (facts.Sum(shown.Values), facts.Troubles(routeless));
        var change = new OverviewChange
        {
            At = clock.GetUtcNow().ToUnixTimeMilliseconds(),
            Totals = totalsNow == totals ? null : totalsNow,
            Troubles = troublesNow.SequenceEqual(troubles) ? null : troublesNow,
            Gone = gone.Count == 0 ? null : gone,
            Rows = changed.Count == 0 ? null : changed,
            Points = TakePoints(),
        };
        (totals, troubles) = (totalsNow, troublesNow);
        return change is { Totals: null, Troubles: null, Gone: null, Rows: null, Points: null } ? null : change;
    }

    /// <summary>All of it, as of the last look.</summary>
    public OverviewWhole Whole() => new()
    {
        At = clock.GetUtcNow().ToUnixTimeMilliseconds(),
        Self = facts.Self,
        Totals = totals!,
        Troubles = troubles,
        Rows = [.. shown.Values.Select(s => s.Row)],
        Step = (int)TrafficHistory.Step.TotalMilliseconds,
        Histories = [.. shown.Values.Select(s => (s.Id, Traffic: history.Of(s.Route))).Where(h => h.Traffic is { Recent: true }).Select(h => History.Of(h.Id, h.Traffic!))],
    };

    /// <summary>Null where there is no such route.</summary>
    public ShownRoute? Find(string id) => byId.TryGetValue(id, out var route) ? shown[route] : null;

    /// <summary>No page is open.</summary>
    public void Forget()
    {
        shown.Clear();
        byId.Clear();
        totals = null;
    }

    private List<RouteRow> LookAtRoutes()
    {
        var problems = events.Lasting().GroupBy(p => p.Object).ToDictionary(o => o.Key, o => o.Sum(p => p.Count));
        var changed = new List<RouteRow>();
        foreach (var route in routes.All.Concat(routes.Refused))
        {
            if (!shown.TryGetValue(route, out var known))
            {
                shown.Add(route, known = new(route, clock));
            }

            byId[known.Id] = route;
            known.Round = round;
            if (known.Look(pending.Of(route, known.Id), history.RateOf(route), problems.GetValueOrDefault(known.ScaledObject)))
            {
                changed.Add(known.Row);
            }
        }

        var withRoute = shown.Values.Where(s => s.Round == round).Select(s => s.ScaledObject).ToHashSet();
        routeless = [.. problems.Keys.Where(o => !withRoute.Contains(o)).OrderBy(o => o.ToString(), StringComparer.Ordinal)];
        return changed;
    }

    /// <summary>Routes that are no more; one that has another in its place is not gone.</summary>
    private List<string> TakeGone()
    {
        var gone = new List<string>();
        foreach (var (route, known) in shown.Where(s => s.Value.Round != round).ToList())
        {
            shown.Remove(route);
            if (byId[known.Id] == route)
            {
                byId.Remove(known.Id);
                gone.Add(known.Id);
            }
        }

        return gone;
    }

    /// <summary>Where a sample was taken since the last look: of each route that has traffic. Those that are not named had none.</summary>
    private IReadOnlyList<Point>? TakePoints()
    {
        if (historyTold == history.Round)
        {
            return null;
        }

        historyTold = history.Round;
        var recent = shown.Values.Select(s => (s.Id, Traffic: history.Of(s.Route))).Where(h => h.Traffic is { Recent: true }).ToList();
        return recent.Count == 0 ? null :
            [.. recent.Where(h => !h.Traffic!.Last.IsQuiet).Select(h => new Point(h.Id, h.Traffic!.Last.Pending, h.Traffic.Last.Requests))];
    }
}
