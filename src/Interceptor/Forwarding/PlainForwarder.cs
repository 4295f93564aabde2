using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>
/// Sends requests that are no upgrade. Most have no body, and then there is one thing at a time to wait for; YARP's forwarder, which has to be ready
/// for two, takes more of the processor and of memory for it. And it reads a body once, where a pod may refuse a request that another would take.
/// </summary>
internal sealed class PlainForwarder(Attempts attempts, ForwardTransformer transformer)
{
    /// <summary>Makes an attempt that has begun, and ends it.</summary>
    /// <param name="context">The request.</param>
    /// <param name="exchange">What is known of it.</param>
    /// <param name="protocol">How the pod is spoken to.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ForwardOutcome> SendAsync(HttpContext context, Exchange exchange, PodProtocol protocol)
    {
        var outcome = ForwardOutcome.Failed;
        if (exchange.Body is null && context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: false })
        {
            exchange.Body = new ClientBody(context.Request.BodyReader);
        }

        var leaving = context.RequestAborted.UnsafeRegister(static d => ((ForwardDeadline)d!).Cancel(), exchange.Deadline);
        var stop = exchange.Deadline!.Token;
        var client = exchange.Pod!.Client;
        RequestContent? content = null;
        try
        {
            using var request = CreateRequest(context, protocol);
            request.Content = content = client.CreateContent(request.Method, exchange.Body, stop);
            await transformer.PrepareAsync(context, exchange, request, exchange.Pod.Prefix(protocol), stop);
            using var response = await client.SendAsync(request, stop);
            Start(context, exchange, response);
            exchange.Body?.Answered();
            await transformer.AcceptAsync(context, exchange, response, stop);
            await ResponseBody.CopyAsync(response, context.Response, exchange, stop);
            if (HttpProtocol.IsHttp2(context.Request.Protocol))
            {
                // Kestrel has no trailers for clients of HTTP/1.1, and looking for what it has not takes long.
                await transformer.TransformResponseTrailersAsync(context, response, stop);
            }

            outcome = ForwardOutcome.Answered;
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException or OperationCanceledException or InvalidOperationException or FormatException)
        {
            exchange.Failure = failed;
            var over = stop.IsCancellationRequested;
            await StopAsync(exchange);
            outcome = Attempts.Judge(context, exchange, over, IsBadResponse(failed), client.IsUnseen(failed, content is { Begun: true }));
            if (outcome == ForwardOutcome.Broken)
            {
                BreakOff(context, intended: over);
            }
        }
        finally
        {
            try
            {
                await StopAsync(exchange);
            }
            finally
            {
                // And waits for a call under way: the deadline may serve another request right after.
                await leaving.DisposeAsync();
                attempts.End(exchange, outcome);
            }
        }

        return outcome;
    }

    private static ValueTask StopAsync(Exchange exchange) => exchange.Body?.StopAsync(exchange.Deadline!) ?? default;

    /// <summary>Whether a response is one that HTTP has no room for: neither the HTTP client nor the server passes on what could be taken for something else.</summary>
    /// <remarks>With a cause, the client says the same of a connection that was never made.</remarks>
    private static bool IsBadResponse(Exception failed) => failed switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded } => failed.InnerException is null or FormatException,
        HttpIOException { HttpRequestError: HttpRequestError.InvalidResponse } => true,
        _ => false,
    };

    private static HttpRequestMessage CreateRequest(HttpContext context, PodProtocol protocol) => new()
    {
        Method = HttpMethod.Parse(context.Request.Method),
        Version = protocol.Request.Version!,
        VersionPolicy = protocol.Request.VersionPolicy!.Value,
    };

    private static void Start(HttpContext context, Exchange exchange, HttpResponseMessage response)
    {
        exchange.Responded = true;
        if (response.StatusCode == HttpStatusCode.SwitchingProtocols)
        {
            throw new InvalidOperationException("The pod switched protocols, which nobody had asked for.");
        }

        var status = (int)response.StatusCode;
        context.Response.StatusCode = status;

        // HTTP/2 has none.
        if (!HttpProtocol.IsHttp2(context.Request.Protocol) && response.ReasonPhrase is { } reason && reason != ReasonPhrases.GetReasonPhrase(status))
        {
            context.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = reason;
        }
    }

    /// <summary>Ends a response that broke off so that its client cannot take it for whole.</summary>
    /// <param name="context">The request.</param>
    /// <param name="intended">Whether its time was up, rather than that the pod failed.</param>
    private static void BreakOff(HttpContext context, bool intended)
    {
        // RFC 9113, section 7.
        const int InternalError = 2;
        const int Cancel = 8;
        if (context.Features.Get<IHttpResetFeature>() is { } stream)
        {
            stream.Reset(intended ? Cancel : InternalError);
        }
        else
        {
            context.Abort();
        }
    }
}
