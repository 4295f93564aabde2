using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.ObjectPool;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>What all attempts to send a request to a pod have in common: a place there, time-outs, and a verdict.</summary>
internal sealed class Attempts(ObjectPool<ForwardDeadline> deadlines, TimeProvider clock)
{
    /// <summary>A request is sent to a pod that has a place for it. Every call is paired with one <see cref="End"/>.</summary>
    /// <param name="exchange">The request.</param>
    /// <param name="pod">Where it goes.</param>
    /// <param name="protocol">How that is spoken to.</param>
    /// <param name="patient">A gRPC call or a WebSocket, which may rightly be silent for long.</param>
    public void Begin(Exchange exchange, Pod pod, PodProtocol protocol, bool patient)
    {
        var deadline = deadlines.Get();
        (exchange.Pod, exchange.Protocol, exchange.Deadline, exchange.Failure, exchange.Responded) = (pod, protocol, deadline, null, false);
        exchange.Sent = clock.GetTimestamp();
        pod.Sending(protocol, exchange.Sent);
        deadline.Start(patient ? TimeSpan.Zero : exchange.Spec.ResponseTimeout, exchange.EndsAt(clock), exchange.Sent);
    }

    /// <summary>What came of one that has not been answered; what its failure was is in <see cref="Exchange.Failure"/>.</summary>
    /// <param name="context">The request.</param>
    /// <param name="exchange">What is known of it.</param>
    /// <param name="over">Whether its deadline had ended it.</param>
    /// <param name="bad">Whether its failure says that the pod's response cannot be passed on.</param>
    /// <param name="unseen">Whether its failure says that the pod has not seen it.</param>
    public static ForwardOutcome Judge(HttpContext context, Exchange exchange, bool over, bool bad, bool unseen)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            return ForwardOutcome.Left;
        }

        var fault = exchange.Body?.Fault;
        if (fault is OperationCanceledException or (IOException and not BadHttpRequestException))
        {
            // That may be known a moment before the other.
            context.Abort();
            return ForwardOutcome.Left;
        }

        if (exchange.Begun || context.Response.HasStarted)
        {
            return ForwardOutcome.Broken;
        }

        if (over)
        {
            // A gRPC call may rightly keep its side open while it waits for its answer.
            return !exchange.Deadline!.Expired ? ForwardOutcome.Stopping
                : exchange.Body is { Late: true } && !PodProtocol.IsGrpc(context.Request) ? ForwardOutcome.BodyTimedOut
                : ForwardOutcome.TimedOut;
        }

        if (fault is BadHttpRequestException)
        {
            return ForwardOutcome.BadRequest;
        }

        if (unseen && exchange.Body is not { CanRestart: false })
        {
            return exchange.Pod!.Declines(exchange.Protocol!, exchange.Failure) ? ForwardOutcome.Declined : ForwardOutcome.Unsent;
        }

        if (bad || exchange.Responded)
        {
            return ForwardOutcome.BadResponse;
        }

        return IsRepeatable(context.Request) ? ForwardOutcome.Reset : ForwardOutcome.Failed;
    }

    /// <summary>Gives the place back.</summary>
    public void End(Exchange exchange, ForwardOutcome outcome)
    {
        var (pod, deadline) = (exchange.Pod!, exchange.Deadline!);
        (exchange.Pod, exchange.Deadline) = (null, null);
        deadlines.Return(deadline);

        // The pod first: one that refused must not get the next.
        pod.End(outcome);
        exchange.Route.Queue.Release(pod);
    }

    private static bool IsRepeatable(HttpRequest request) =>
        PodClient.IsSafe(HttpMethod.Parse(request.Method))
        && request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false };
}
