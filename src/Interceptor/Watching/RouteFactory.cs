using Wakegate.Contracts.Ledger;
using Wakegate.Contracts.Triggers;
using Wakegate.Interceptor.Routing;

namespace Wakegate.Interceptor.Watching;

/// <summary>Makes routes, and has the ledger follow them.</summary>
internal sealed class RouteFactory(LedgerWriter ledger, TimeProvider clock, ILogger<Route> logger)
{
    public Route Create(RouteSpec spec) => new(spec, ledger.Track(spec.Id, spec.Scaling), clock, logger);

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
        return new(spec, counts, clock, logger) { Refusal = string.Join(' ', parsed.Refusals) };
    }

    public void Update(Route route, RouteSpec spec)
    {
        route.Spec = spec;
        ledger.Track(spec.Id, spec.Scaling);
    }

    public void Retire(Route route)
    {
        route.Pods.Replace([]);
        if (route.Refusal is null)
        {
            ledger.Untrack(route.Id);
        }
    }
}
