using Microsoft.Extensions.ObjectPool;
using Wakegate.Contracts.Triggers;
using Wakegate.Interceptor.Routing;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>What is known of one request on its way through: the request's typed feature. Pooled: every request has one.</summary>
internal sealed class Exchange : IResettable
{
    public Route Route { get; private set; } = null!;

    /// <summary>The trigger as it was when the request arrived; a change applies to later requests.</summary>
    public RouteSpec Spec { get; private set; } = null!;

    /// <summary>The address of the client, or of the last proxy before us; null where it has none.</summary>
    public string? Client { get; private set; }

    /// <summary>A timestamp of the clock.</summary>
    public long Arrived { get; private set; }

    /// <summary>The client's body; null where there is none, or no pod has had the request yet.</summary>
    public ClientBody? Body { get; set; }

    /// <summary>The pod that has the request now.</summary>
    public Pod? Pod { get; set; }

    /// <summary>How that is spoken to.</summary>
    public PodProtocol? Protocol { get; set; }

    /// <summary>Whether it was held for a first pod.</summary>
    public bool Cold { get; set; }

    /// <summary>When it was last sent to a pod; a timestamp of the clock.</summary>
    public long Sent { get; set; }

    /// <summary>The time-outs of the attempt under way.</summary>
    public ForwardDeadline? Deadline { get; set; }

    /// <summary>Why the last attempt failed, as far as an exception says it.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Whether the headers of the last attempt's response have come.</summary>
    public bool Responded { get; set; }

    /// <summary>Whether some of a response's body has been handed on, though perhaps not yet sent: no other response can take its place.</summary>
    public bool Begun { get; set; }

    /// <summary>A request begins.</summary>
    public Exchange Begin(Route route, string? client, long arrived)
    {
        (Route, Spec, Client, Arrived) = (route, route.Spec, client, arrived);
        return this;
    }

    /// <summary>A timestamp of the clock at which all of it must have ended.</summary>
    public long EndsAt(TimeProvider clock)
    {
        var limit = Spec.RequestTimeout;
        return limit > TimeSpan.Zero ? Arrived + (long)(limit.TotalSeconds * clock.TimestampFrequency) : long.MaxValue;
    }

    public bool TryReset()
    {
        Body?.Dispose();
        (Route, Spec, Client, Body, Pod, Protocol, Deadline, Cold) = (null!, null!, null, null, null, null, null, false);
        (Failure, Responded, Begun) = (null, false, false);
        return true;
    }
}
