using Wakegate.Interceptor.Answering;
using Wakegate.Interceptor.Holding;
using Wakegate.Interceptor.Routing;
using Yarp.ReverseProxy.Forwarder;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>A request's way: route, count, hold, forward; and back to holding where no pod has seen it.</summary>
internal sealed class ProxyMiddleware(RequestDelegate next, RouteTable routes, PodForwarder forwarder, ProxyMetrics metrics, TimeProvider clock)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (Listening.AdminPort.Received(context))
        {
            return next(context);
        }

        var route = routes.Find(context.Request);
        return route switch
        {
            null => Problem.NoRoute(routes.Complete, context.Request.Headers.Host.ToString()).WriteAsync(context),
            { Refusal: { } reason } => Problem.Refused(route.Id, reason).WriteAsync(context),
            _ when HttpMethods.IsConnect(context.Request.Method) && !PodProtocol.IsUpgrade(context) => Problem.NoTunnels.WriteAsync(context),
            _ => ProxyAsync(context, new Exchange(route, clock.GetTimestamp())),
        };
    }

    private async Task ProxyAsync(HttpContext context, Exchange exchange)
    {
        context.Features.Set(exchange);
        var counts = exchange.Route.Counts;
        counts.Enter();
        try
        {
            var problem = await ForwardAsync(context, exchange);
            if (problem is not null && !context.RequestAborted.IsCancellationRequested)
            {
                context.Response.Clear();
                await problem.WriteAsync(context);
            }
        }
        finally
        {
            counts.Leave();
            metrics.Ended(exchange.Route.Id, context);
        }
    }

    /// <summary>Null where the client has its answer, or has left.</summary>
    private async ValueTask<Problem?> ForwardAsync(HttpContext context, Exchange exchange)
    {
        var route = exchange.Route;
        var held = false;
        var repeated = false;
        while (true)
        {
            if (route.Pods.Take() is not { } pod)
            {
                var outcome = await HoldAsync(context, exchange, held);
                held = true;
                if (outcome != HoldOutcome.Released)
                {
                    return Problem.NotReleased(outcome, exchange);
                }

                continue;
            }

            var sent = await SendAsync(context, exchange, pod);
            switch (sent)
            {
                case ForwardOutcome.Unsent:
                    metrics.Unreachable(route.Id);
                    pod.Refused();
                    break;
                case ForwardOutcome.Reset when !repeated:
                    repeated = true;
                    break;
                default:
                    pod.Answered();
                    return Problem.NotAnswered(sent, exchange, pod, context.Features.Get<IForwarderErrorFeature>()?.Exception);
            }

            // It may have been held, and its pod may have gone since: it goes back with the place that it had.
            held = true;
            context.Response.Clear();
        }
    }

    private async ValueTask<ForwardOutcome> SendAsync(HttpContext context, Exchange exchange, Pod pod)
    {
        try
        {
            return await forwarder.SendAsync(context, exchange, pod);
        }
        finally
        {
            pod.Return();
        }
    }

    private async ValueTask<HoldOutcome> HoldAsync(HttpContext context, Exchange exchange, bool back)
    {
        var started = clock.GetTimestamp();
        var holdEnds = exchange.Arrived + (long)(exchange.Spec.HoldTimeout.TotalSeconds * clock.TimestampFrequency);
        var deadline = Math.Min(holdEnds, forwarder.EndOf(exchange));
        var limit = back ? int.MaxValue : exchange.Spec.MaxHeldRequests;
        var outcome = await exchange.Route.Queue.WaitAsync(context, exchange.Arrived, deadline, limit);
        metrics.Held(exchange.Route.Id, outcome, clock.GetElapsedTime(started));
        return outcome;
    }
}
