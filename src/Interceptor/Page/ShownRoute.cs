using Wakegate.Contracts.Triggers;
using Wakegate.Interceptor.Observing;
using Wakegate.Interceptor.Routing;
using Wakegate.Interceptor.Waking;
using Wakegate.Interceptor.Watching;

namespace Wakegate.Interceptor.Page;

/// <summary>A route as the pages that are open have been told it.</summary>
internal sealed class ShownRoute(Route route, TimeProvider clock)
{
    private RouteSpec? spec;
    private Wake? woke;
    private string host = "";
    private WakeView? lastWake;

    public Route Route => route;

    public string Id { get; } = route.Id.ToString();

    public ObjectName ScaledObject { get; } = new(route.Id.Namespace, route.Id.ScaledObject);

    /// <summary>What was told last.</summary>
    public RouteRow Row { get; private set; } = null!;

    /// <summary>The round of <see cref="Overview"/> in which it was last there.</summary>
    public long Round { get; set; }

    /// <summary>True where the row is another than before.</summary>
    public bool Look(int pending, double rate, int problems)
    {
        // Texts are made anew when they change, so that most rows cost nothing but numbers.
        if (spec != route.Spec)
        {
            spec = route.Spec;
            host = spec.Hosts.Count > 0 ? spec.Hosts[0].ToString() : "";
        }

        if (woke != route.Wakes.Last)
        {
            woke = route.Wakes.Last;
            lastWake = woke is null ? null : WakeView.Of(woke, clock) with { Cause = null };
        }

        var before = Row;
        Row = Now(pending, rate, problems);
        return Row != before;
    }

    private RouteRow Now(int pending, double rate, int problems)
    {
        var held = route.Queue.Count;
        return new()
        {
            Id = Id,
            State = route.State().Name(),
            Host = host,
            MoreHosts = Math.Max(0, spec!.Hosts.Count - 1),
            Pending = pending,
            Held = held,
            InFlight = Math.Max(0, route.Counts.Pending - held),
            Pods = route.Pods.All.Count,
            Rate = Math.Round(rate, 1),
            Waking = route.Wakes.Current is { } wake ? WakeView.Of(wake, clock) with { Cause = null } : null,
            Woke = lastWake,
            Problems = problems,
        };
    }
}
