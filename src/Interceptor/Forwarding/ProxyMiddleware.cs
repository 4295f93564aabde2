using Microsoft.Extensions.ObjectPool;
using Wakegate.Interceptor.Answering;
using Wakegate.Interceptor.Draining;
using Wakegate.Interceptor.Holding;
using Wakegate.Interceptor.Listening;
using Wakegate.Interceptor.Routing;
using Wakegate.Interceptor.Tracing;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>A request's way: route, count, hold, forward; and back to holding where no pod has seen it.</summary>
internal sealed class ProxyMiddleware(
    RequestDelegate next, RouteTable routes, PodForwarder forwarder, ObjectPool<Exchange> exchanges, Drain drain, ProxyMetrics metrics, TimeProvider clock)
{
    public Task InvokeAsync(HttpContext context)
    {
        var client = ClientConnection.Of(context);
        if (client is { IsAdmin: true })
        {
            return next(context);
        }

        var route = routes.Find(context.Request);
        if (route is not null)
        {
            ProxySpans.Routed(context, route);
        }

        return route switch
        {
            null => AnswerAsync(context, null, Problem.NoRoute(routes.Complete, context.Request.Headers.Host.ToString())),
            { Refusal: { } reason } => AnswerAsync(context, route, Problem.Refused(route.Id, reason)),
            _ when HttpMethods.IsConnect(context.Request.Method) && !PodProtocol.IsUpgrade(context) => AnswerAsync(context, route, Problem.NoTunnels),
            _ => ProxyAsync(context, exchanges.Get().Begin(route, client?.Address, clock.GetTimestamp())),
        };
    }

    private Task AnswerAsync(HttpContext context, Route? route, Problem problem)
    {
        metrics.Answered(route, problem);
        ProxySpans.Problem(problem.Code);
        return problem.WriteAsync(context);
    }

    private async Task ProxyAsync(HttpContext context, Exchange exchange)
    {
        var route = exchange.Route;
        route.Counts.Enter();
        try
        {
            // Those who wait come first.
            var pod = route.Queue.Count == 0 ? route.Pods.Take() : null;
            ForwardOutcome? outcome = pod is null ? null : await forwarder.SendAsync(context, exchange, pod);
            var problem = outcome == ForwardOutcome.Answered ? null : await GoOnAsync(context, exchange, pod, outcome);
            if (problem is not null && !context.RequestAborted.IsCancellationRequested)
            {
                context.Response.Clear();
                await AnswerAsync(context, route, problem);
            }
        }
        finally
        {
            route.Counts.Leave();
            route.Tally.Ended(context, exchange.Cold);
            route.Wakes.RequestEnded();
            exchanges.Return(exchange);
            drain.Part(context);
        }
    }

    /// <summary>Holds a request that no pod has, and sends it, until it has an answer. Null where the client has it, or has left.</summary>
    /// <param name="context">The request.</param>
    /// <param name="exchange">What is known of it.</param>
    /// <param name="pod">The pod that had it; null where none had.</param>
    /// <param name="outcome">What came of that; null where none had.</param>
    private async ValueTask<Problem?> GoOnAsync(HttpContext context, Exchange exchange, Pod? pod, ForwardOutcome? outcome)
    {
        var (repeated, accepted) = (false, 0);
        long? place = null;
        while (true)
        {
            if (outcome is { } ended)
            {
                var again = ended == ForwardOutcome.Unsent || (ended == ForwardOutcome.Reset && !repeated);
                exchange.Route.Tally.Attempted(ended, again);
                if (!again)
                {
                    return Problem.NotAnswered(ended, exchange, pod!, exchange.Failure);
                }

                repeated |= ended == ForwardOutcome.Reset;
                context.Response.Clear();

                // One that a pod had goes back to the place that it had. From the second connection on that the pod has ended before it could be used, it goes behind the others: that may
                // be for what it asks.
                accepted += PodUnreachableException.In(exchange.Failure) is { Accepted: true } ? 1 : 0;
                place = accepted > 1 ? clock.GetTimestamp() : exchange.Arrived;
            }

            var since = clock.GetTimestamp();
            var hold = await HoldAsync(context, exchange, since, place);
            metrics.Held(exchange.Route, hold.Outcome, clock.GetElapsedTime(since));
            exchange.Cold |= hold.Cold;
            if (hold.Pod is null)
            {
                // Its time to be held may have been over long before its pod broke off, which then is what happened to it.
                return outcome == ForwardOutcome.Reset && hold.Outcome == HoldOutcome.TimedOut
                    ? Problem.NotAnswered(ForwardOutcome.Reset, exchange, pod!, exchange.Failure)
                    : Problem.NotReleased(hold.Outcome, exchange);
            }

            pod = hold.Pod;
            outcome = await forwarder.SendAsync(context, exchange, pod);
        }
    }

    private ValueTask<HoldResult> HoldAsync(HttpContext context, Exchange exchange, long since, long? place) =>
        ProxySpans.Collected ? TraceAsync(context, exchange, since, place) : WaitAsync(context, exchange, place);

    private async ValueTask<HoldResult> TraceAsync(HttpContext context, Exchange exchange, long since, long? place)
    {
        using var span = ProxySpans.Hold();
        var hold = await WaitAsync(context, exchange, place);
        if (span is not null)
        {
            ProxySpans.Held(span, hold.Outcome, HoldMoments.Of(exchange.Route.Wakes, since, hold, clock));
        }

        return hold;
    }

    private ValueTask<HoldResult> WaitAsync(HttpContext context, Exchange exchange, long? place)
    {
        var holdEnds = exchange.Arrived + (long)(exchange.Spec.HoldTimeout.TotalSeconds * clock.TimestampFrequency);
        var deadline = Math.Min(holdEnds, exchange.EndsAt(clock));
        return exchange.Route.Queue.WaitAsync(context, exchange.Arrived, deadline, place is null ? exchange.Spec.MaxHeldRequests : null, place);
    }
}
