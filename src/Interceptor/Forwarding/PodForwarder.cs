using System.Runtime.CompilerServices;
using Microsoft.Extensions.ObjectPool;
using Wakegate.Contracts.Triggers;
using Wakegate.Interceptor.Tracing;
using Yarp.ReverseProxy.Forwarder;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>Sends a request to one pod and its response to the client, once.</summary>
internal sealed class PodForwarder(
    IHttpForwarder forwarder, ObjectPool<ForwardDeadline> deadlines, HttpTransformer transformer, TimeProvider clock)
{
    /// <summary>Sends a request to a pod that has a place for it, and gives the place back.</summary>
    public ValueTask<ForwardOutcome> SendAsync(HttpContext context, Exchange exchange, Pod pod) =>
        ProxySpans.Collected ? TraceAsync(context, exchange, pod) : ForwardAsync(context, exchange, pod);

    private async ValueTask<ForwardOutcome> TraceAsync(HttpContext context, Exchange exchange, Pod pod)
    {
        using var span = ProxySpans.Send(context, pod);
        var outcome = await ForwardAsync(context, exchange, pod);
        if (span is not null)
        {
            ProxySpans.Sent(span, outcome);
        }

        return outcome;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ForwardOutcome> ForwardAsync(HttpContext context, Exchange exchange, Pod pod)
    {
        var outcome = ForwardOutcome.Failed;
        var protocol = PodProtocol.For(exchange.Route.Pods.Protocol, context);
        var deadline = deadlines.Get();
        (exchange.Pod, exchange.Deadline) = (pod, deadline);
        try
        {
            exchange.Sent = clock.GetTimestamp();
            deadline.Start(ResponseTimeout(context, exchange.Spec), EndOf(exchange));
            var error = await forwarder.SendAsync(
                context, pod.Prefix(protocol), pod.Client, protocol.Request, transformer, deadline.Token);
            return outcome = error == ForwarderError.None ? ForwardOutcome.Answered : Judge(context, deadline);
        }
        finally
        {
            (exchange.Pod, exchange.Deadline) = (null, null);
            deadlines.Return(deadline);

            // The pod first: one that refused must not get the next.
            pod.End(outcome);
            exchange.Route.Queue.Release(pod);
        }
    }

    /// <summary>A timestamp of the clock at which the exchange must have ended.</summary>
    public long EndOf(Exchange exchange)
    {
        var limit = exchange.Spec.RequestTimeout;
        return limit > TimeSpan.Zero ? exchange.Arrived + (long)(limit.TotalSeconds * clock.TimestampFrequency) : long.MaxValue;
    }

    /// <summary>A gRPC call or a WebSocket may rightly be silent for long.</summary>
    private static TimeSpan ResponseTimeout(HttpContext context, RouteSpec spec) =>
        PodProtocol.IsGrpc(context.Request) || PodProtocol.IsUpgrade(context) ? TimeSpan.Zero : spec.ResponseTimeout;

    private static ForwardOutcome Judge(HttpContext context, ForwardDeadline deadline)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            return ForwardOutcome.Left;
        }

        if (context.Response.HasStarted)
        {
            return ForwardOutcome.Broken;
        }

        if (deadline.Token.IsCancellationRequested)
        {
            return deadline.Expired ? ForwardOutcome.TimedOut : ForwardOutcome.Stopping;
        }

        var cause = context.Features.Get<IForwarderErrorFeature>()?.Exception;
        if (cause is UnsentException || (PodUnreachableException.IsCauseOf(cause) && IsRepeatable(context.Request)))
        {
            return ForwardOutcome.Unsent;
        }

        // YARP blames the client (400, 408, 413) where its body could not be read: the pod is not at fault then.
        return context.Response.StatusCode is >= 400 and < 500 ? ForwardOutcome.BadRequest
            : IsRepeatable(context.Request) ? ForwardOutcome.Reset : ForwardOutcome.Failed;
    }

    private static bool IsRepeatable(HttpRequest request) =>
        PodClient.IsSafe(HttpMethod.Parse(request.Method))
        && request.HttpContext.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false };
}
