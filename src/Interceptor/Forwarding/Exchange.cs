using Wakegate.Contracts.Triggers;
using Wakegate.Interceptor.Routing;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>What is known of one request on its way through: the request's typed feature.</summary>
internal sealed class Exchange(Route route, long arrived)
{
    public Route Route => route;

    /// <summary>The trigger as it was when the request arrived; a change applies to later requests.</summary>
    public RouteSpec Spec { get; } = route.Spec;

    /// <summary>A timestamp of the clock.</summary>
    public long Arrived => arrived;

    /// <summary>The pod that has the request now.</summary>
    public Pod? Pod { get; set; }

    /// <summary>The time-outs of the attempt under way.</summary>
    public ForwardDeadline? Deadline { get; set; }
}
