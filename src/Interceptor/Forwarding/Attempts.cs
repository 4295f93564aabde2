using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.ObjectPool;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>What all attempts to send a request to a pod have in common: a place there, time-outs, and a verdict.</summary>
internal sealed class Attempts(ObjectPool<ForwardDeadline> deadlines, TimeProvider clock)
{
    /// <summary>A request is sent to a pod that has a place for it. Every call is paired with one <see cref="End"/>.</summary>
    /// <param name="exchange">The request.</param>
    /// <param name="pod">Where it goes.</param>
    /// <param name="patient">A gRPC call or a WebSocket, which may rightly be silent for long.</param>
    public void Begin(Exchange exchange, Pod pod, bool patient)
    {
        var deadline = deadlines.Get();
        (exchange.Pod, exchange.Deadline, exchange.Failure) = (pod, deadline, null);
        exchange.Sent = clock.GetTimestamp();
        deadline.Start(patient ? TimeSpan.Zero : exchange.Spec.ResponseTimeout, exchange.EndsAt(clock), exchange.Sent);
    }

    /// <summary>What came of one that has not been answered; what its failure was is in <see cref="Exchange.Failure"/>.</summary>
    public static ForwardOutcome Judge(HttpContext context, Exchange exchange)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            return ForwardOutcome.Left;
        }

        if (exchange.Begun || context.Response.HasStarted)
        {
            return ForwardOutcome.Broken;
        }

        if (exchange.Deadline is { Token.IsCancellationRequested: true } deadline)
        {
            return deadline.Expired ? ForwardOutcome.TimedOut : ForwardOutcome.Stopping;
        }

        var repeatable = IsRepeatable(context.Request);
        if (exchange.Failure is UnsentException || (repeatable && PodUnreachableException.IsCauseOf(exchange.Failure)))
        {
            return ForwardOutcome.Unsent;
        }

        return repeatable ? ForwardOutcome.Reset : IsOfClient(context.Response, exchange.Failure) ? ForwardOutcome.BadRequest : ForwardOutcome.Failed;
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

    /// <summary>
    /// YARP blames the client (400, 408, 413) where its body could not be read: the pod is not at fault then. But it is where the reading was only
    /// given up because the pod had ended the exchange, which YARP does not tell apart.
    /// </summary>
    private static bool IsOfClient(HttpResponse response, Exception? failure) =>
        response.StatusCode is >= 400 and < 500
        && (failure is AggregateException { InnerExceptions: [var first, ..] } ? first : failure) is not OperationCanceledException;

    private static bool IsRepeatable(HttpRequest request) =>
        PodClient.IsSafe(HttpMethod.Parse(request.Method))
        && request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false };
}
