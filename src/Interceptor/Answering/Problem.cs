using System.Globalization;
using Wakegate.Contracts.Triggers;
using Wakegate.Interceptor.Forwarding;
using Wakegate.Interceptor.Holding;

namespace Wakegate.Interceptor.Answering;

/// <summary>An answer of the interceptor's own: what happened, to which route, and what to look at.</summary>
internal sealed record Problem(string Code, int Status, string Title, string Detail, RouteId? Route = null, TimeSpan? RetryAfter = null)
{
    /// <summary>CONNECT, but not for a WebSocket.</summary>
    public static readonly Problem NoTunnels = new("no-tunnels", 501, "Not implemented", "CONNECT is served for WebSockets over HTTP/2 only.");

    /// <param name="complete">False before the cluster's ScaledObjects have been read for the first time.</param>
    /// <param name="host">As the client sent it.</param>
    public static Problem NoRoute(bool complete, string host) => complete
        ? new("no-route", 404, "No route", $"No ScaledObject claims host \"{host}\" with this path and these headers.")
        : new("starting", 503, "Starting", "This interceptor has not read the cluster's ScaledObjects yet.", RetryAfter: TimeSpan.FromSeconds(1));

    public static Problem Refused(RouteId route, string reason) =>
        new("route-refused", 503, "Route refused", $"The trigger of {Object(route)} is not valid: {reason}", route);

    /// <summary>Null where there is no one to tell.</summary>
    public static Problem? NotReleased(HoldOutcome outcome, Exchange exchange)
    {
        var route = exchange.Route.Id;
        var spec = exchange.Spec;
        return outcome switch
        {
            HoldOutcome.TimedOut when spec.RequestTimeout > TimeSpan.Zero && spec.RequestTimeout < spec.HoldTimeout => new(
                "request-timeout", 504, "Request time-out", $"{Object(route)} had no ready pod within requestTimeout, {Text(spec.RequestTimeout)}.{Tried(exchange)}", route),
            HoldOutcome.TimedOut => new(
                "hold-timeout", 504, "No ready pod", $"{Object(route)} had no ready pod within holdTimeout, {Text(spec.HoldTimeout)}.{Tried(exchange)}", route),
            HoldOutcome.Full => new(
                "too-many-held", 503, "Too many held requests",
                string.Create(CultureInfo.InvariantCulture, $"{Object(route)} already holds {spec.MaxHeldRequests} requests (maxHeldRequests) in this interceptor."),
                route, exchange.Route.Queue.RetryAfter()),
            HoldOutcome.OverBudget => new(
                "over-budget", 503, "Too many held requests",
                $"This interceptor holds so many requests that {Object(route)} may hold no more of them (Hold:MaxRequests, Hold:MaxBytes).",
                route, exchange.Route.Queue.RetryAfter()),
            HoldOutcome.Hopeless => new(
                "no-pod-will-come", 503, "No pod will come", $"{Object(route)} gets no ready pod: {exchange.Route.Queue.Obstacle ?? "it was mended a moment ago."}",
                route, TimeSpan.FromSeconds(10)),
            HoldOutcome.Unrouted => new(
                "route-removed", 503, "Route removed", $"{Object(route)} no longer has this host: it was deleted, changed, or lost the host to an older one.", route),
            HoldOutcome.Stopping => new("stopping", 503, "Stopping", "This interceptor is stopping and could not wait for a ready pod any longer.", route),
            _ => null,
        };
    }

    /// <summary>Null where the client has its answer, or there is no one to tell.</summary>
    public static Problem? NotAnswered(ForwardOutcome outcome, Exchange exchange, Pod pod, Exception? cause)
    {
        var route = exchange.Route.Id;
        var spec = exchange.Spec;
        return outcome switch
        {
            ForwardOutcome.TimedOut => new(
                "response-timeout", 504, "Response time-out",
                $"Pod {pod.Address} did not answer within responseTimeout, {Text(spec.ResponseTimeout)}, or requestTimeout, {Text(spec.RequestTimeout)}.", route),
            ForwardOutcome.BodyTimedOut => new(
                "body-timeout", 408, "Request body time-out",
                $"The body of the request had not come whole within responseTimeout, {Text(spec.ResponseTimeout)}, or requestTimeout, {Text(spec.RequestTimeout)}.", route),
            ForwardOutcome.Reset => new(
                "connection-lost", 502, "Connection lost",
                $"The connection to pod {pod.Address} ended before its response, and so did an earlier one for this request, which may be repeated. {cause?.GetBaseException().Message}",
                route),
            ForwardOutcome.Failed => new(
                "connection-lost", 502, "Connection lost",
                $"The connection to pod {pod.Address} ended before its response, and the pod may have seen the request, so it was not sent again. {cause?.GetBaseException().Message}",
                route),
            ForwardOutcome.Declined => new(
                "protocol-declined", 502, "Protocol declined",
                $"Pod {pod.Address}, which answers other requests, ended the connection when it was to speak {exchange.Protocol!.Name} for this one. {cause?.GetBaseException().Message}",
                route),
            ForwardOutcome.BadResponse => new(
                "bad-response", 502, "Bad response", $"The response of pod {pod.Address} cannot be passed on. {cause?.GetBaseException().Message}", route),
            ForwardOutcome.Stopping => new(
                "stopping", 503, "Stopping", "This interceptor is stopping and could not wait for the response any longer.", route),
            ForwardOutcome.BadRequest => new("bad-request", 400, "Bad request", "The body of the request could not be read.", route),
            _ => null,
        };
    }

    private static string Tried(Exchange exchange) =>
        PodUnreachableException.In(exchange.Failure) is { } cause ? $" The last one that was tried: {cause.Message}." : "";

    private static string Object(RouteId route) => $"ScaledObject {route.Namespace}/{route.ScaledObject}";

    private static string Text(TimeSpan time) =>
        time == TimeSpan.Zero ? "no limit" : string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###}s");
}
