using System.Collections.Concurrent;
using Wakegate.Contracts.Ledger;
using Wakegate.Contracts.Triggers;
using Wakegate.Interceptor.Forwarding;
using Wakegate.Interceptor.Holding;
using Wakegate.Interceptor.Observing;
using Wakegate.Interceptor.Routing;
using Wakegate.Interceptor.Waking;

namespace Wakegate.Interceptor.Watching;

/// <summary>Makes routes, has the ledger follow them, and shares their pods with the other interceptors.</summary>
internal sealed class RouteFactory
{
    private readonly LedgerWriter ledger;
    private readonly HoldBudget budget;
    private readonly WakingRoutes waking;
    private readonly TimeProvider clock;
    private readonly ILogger<Route> logger;

    // Guards shared, and that a route's pods get the limits of the trigger that it has: its trigger changes on one thread, the interceptors that
    // live on another.
    private readonly Lock gate = new();
    private readonly HashSet<Route> shared = [];
    private readonly WakeMetrics wakes;
    private readonly RouteHistograms histograms;
    private readonly RouteSeries series;
    private readonly ConcurrentDictionary<Route, bool> all = [];
    private readonly ConcurrentDictionary<Route, bool> refused = [];

    public RouteFactory(
        LedgerWriter ledger, HoldBudget budget, WakingRoutes waking, WakeMetrics wakes, RouteHistograms histograms, RouteSeries series, TimeProvider clock, ILogger<Route> logger)
    {
        this.wakes = wakes;
        this.histograms = histograms;
        this.series = series;
        this.ledger = ledger;
        this.budget = budget;
        this.waking = waking;
        this.clock = clock;
        this.logger = logger;
        ledger.ReplicasChanged += (_, _) => ShareAnew();
    }

    /// <summary>All routes that exist, but those that only say what is wrong with their trigger.</summary>
    public IEnumerable<Route> All => all.Select(static r => r.Key);

    /// <summary>Those that only say what is wrong with their trigger.</summary>
    public IEnumerable<Route> Refused => refused.Select(static r => r.Key);

    public Route Create(RouteSpec spec)
    {
        var route = new Route(spec, ledger.Track(spec.Id, spec.Scaling), budget, waking, clock, logger);
        Share(route);
        route.Wakes.Ended = wake => wakes.Ended(route, wake);
        all[route] = true;
        series.Add();
        return route;
    }

    /// <summary>A route that only says what is wrong with its trigger. Nothing is counted: it wakes no one.</summary>
    public Route CreateRefused(ObjectName scaledObject, TriggerParse parsed)
    {
        var spec = new RouteSpec
        {
            Id = new(scaledObject.Namespace, scaledObject.Name, parsed.Route),
            Hosts = parsed.Hosts,
            Service = "",
            Port = default,
            Scaling = new(),
        };
        var counts = new PendingCounts(spec.Id, clock, static (_, _) => { });
        var route = new Route(spec, counts, budget, waking, clock, logger) { Refusal = string.Join(' ', parsed.Refusals) };
        refused[route] = true;
        series.Add();
        return route;
    }

    public void Update(Route route, RouteSpec spec)
    {
        route.Spec = spec;
        ledger.Track(spec.Id, spec.Scaling);
        Share(route);
    }

    public void Retire(Route route)
    {
        all.TryRemove(route, out _);
        refused.TryRemove(route, out _);
        lock (gate)
        {
            shared.Remove(route);
        }

        route.Pods.Replace([]);
        route.Queue.Close();
        histograms.Forget();
        series.Remove();
        if (route.Refusal is null)
        {
            ledger.Untrack(route.Id);
        }
    }

    private void ShareAnew()
    {
        lock (gate)
        {
            foreach (var route in shared)
            {
                Limit(route);
            }
        }
    }

    private void Share(Route route)
    {
        lock (gate)
        {
            if (route.Spec.PodConcurrency > 0)
            {
                shared.Add(route);
                Limit(route);
            }
            else if (shared.Remove(route))
            {
                route.Pods.Limit(null);
            }
        }
    }

    /// <summary>Under the lock.</summary>
    private void Limit(Route route)
    {
        var concurrency = route.Spec.PodConcurrency;
        route.Pods.Limit(pod => PodShare.Of(concurrency, pod.Uid, ledger.ReplicaId, ledger.Replicas));
    }
}
