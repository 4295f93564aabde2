using Wakegate.Interceptor.Routing;

namespace Wakegate.Interceptor.Observing;

/// <summary>What a route is doing, in one word.</summary>
internal enum RouteState
{
    /// <summary>It has no endpoint, and costs nothing.</summary>
    Zero,

    /// <summary>Requests wait for a first pod.</summary>
    Waking,

    /// <summary>It has endpoints, none of them ready, and nobody waits.</summary>
    Starting,

    /// <summary>Pods take its traffic.</summary>
    Ready,

    /// <summary>Its trigger is wrong and was never right.</summary>
    Refused,
}

internal static class RouteStates
{
    public static RouteState State(this Route route) => route switch
    {
        { Refusal: not null } => RouteState.Refused,
        { Queue.Waking: true } => RouteState.Waking,
        { Pods.All.Count: > 0 } => RouteState.Ready,
        { AtZero.Now: true } => RouteState.Zero,
        _ => RouteState.Starting,
    };

    /// <summary>As metrics and the page name it.</summary>
    public static string Name(this RouteState state) => state switch
    {
        RouteState.Zero => "zero",
        RouteState.Waking => "waking",
        RouteState.Starting => "starting",
        RouteState.Ready => "ready",
        _ => "refused",
    };
}
