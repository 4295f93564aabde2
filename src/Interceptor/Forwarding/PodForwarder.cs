using System.Runtime.CompilerServices;
using Wakegate.Interceptor.Tracing;
using Yarp.ReverseProxy.Forwarder;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>Sends a request to one pod and its response to the client, once.</summary>
internal sealed class PodForwarder(IHttpForwarder yarp, PlainForwarder plain, Attempts attempts, ForwardTransformer transformer)
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

    private ValueTask<ForwardOutcome> ForwardAsync(HttpContext context, Exchange exchange, Pod pod)
    {
        var upgrade = PodProtocol.IsUpgrade(context);
        var grpc = PodProtocol.IsGrpc(context.Request);
        var protocol = PodProtocol.For(exchange.Route.Pods.Protocol, upgrade, grpc);
        attempts.Begin(exchange, pod, protocol, patient: upgrade || grpc);
        return upgrade ? UpgradeAsync(context, exchange, protocol) : plain.SendAsync(context, exchange, protocol);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ForwardOutcome> UpgradeAsync(HttpContext context, Exchange exchange, PodProtocol protocol)
    {
        var outcome = ForwardOutcome.Failed;
        var stop = exchange.Deadline!.Token;
        var client = exchange.Pod!.Client;
        context.Features.Set(exchange);
        try
        {
            var error = await yarp.SendAsync(context, exchange.Pod.Prefix(protocol), client, protocol.Request, transformer, stop);
            exchange.Failure = context.Features.Get<IForwarderErrorFeature>()?.Exception;
            var bad = error == ForwarderError.ResponseHeaders;
            var unseen = client.IsUnseen(exchange.Failure, begun: false);
            return outcome = error == ForwarderError.None ? ForwardOutcome.Answered : Attempts.Judge(context, exchange, stop.IsCancellationRequested, bad, unseen);
        }
        finally
        {
            attempts.End(exchange, outcome);
        }
    }
}
