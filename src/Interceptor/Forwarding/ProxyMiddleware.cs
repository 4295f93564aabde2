using System.Runtime.CompilerServices;
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
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Problem?> ForwardAsync(HttpContext context, Exchange exchange)
    {
        var route = exchange.Route;

        // Those who wait come first.
        var pod = route.Queue.Count == 0 ? route.Pods.Take() : null;
        var tried = false;
        var repeated = false;
        while (true)
        {
            if (pod is null)
            {
                var hold = await HoldAsync(context, exchange, back: tried);
                if (hold.Pod is null)
                {
                    return Problem.NotReleased(hold.Outcome, exchange);
                }

                pod = hold.Pod;
            }

            var outcome = await SendAsync(context, exchange, pod);
            if (outcome == ForwardOutcome.Unsent)
            {
                metrics.Unreachable(route.Id);
            }
            else if (outcome == ForwardOutcome.Reset && !repeated)
            {
                repeated = true;
            }
            else
            {
                return Problem.NotAnswered(outcome, exchange, pod, context.Features.Get<IForwarderErrorFeature>()?.Exception);
            }

            // It goes back with the place that it had.
            tried = true;
            pod = null;
            context.Response.Clear();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ForwardOutcome> SendAsync(HttpContext context, Exchange exchange, Pod pod)
    {
        var outcome = ForwardOutcome.Failed;
        exchange.Pod = pod;
        try
        {
            return outcome = await forwarder.SendAsync(context, exchange, pod);
        }
        finally
        {
            // The pod first: one that refused must not get the next.
            exchange.Pod = null;
            pod.End(outcome);
            exchange.Route.Queue.Release(pod);
        }
    }

    private async ValueTask<HoldResult> HoldAsync(HttpContext context, Exchange exchange, bool back)
    {
        var started = clock.GetTimestamp();
        var holdEnds = exchange.Arrived + (long)(exchange.Spec.HoldTimeout.TotalSeconds * clock.TimestampFrequency);
        var deadline = Math.Min(holdEnds, forwarder.EndOf(exchange));
        var result = await exchange.Route.Queue.WaitAsync(context, exchange.Arrived, deadline, back ? null : exchange.Spec.MaxHeldRequests);
        metrics.Held(exchange.Route.Id, result.Outcome, clock.GetElapsedTime(started));
        return result;
    }
}
