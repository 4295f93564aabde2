using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Wakegate.Interceptor.Draining;
using Wakegate.Interceptor.Observing;
using Wakegate.Interceptor.Tracing;
using Yarp.ReverseProxy.Forwarder;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>What changes on the way to a pod: nothing but the forwarding headers. Host and target pass as they came.</summary>
internal sealed class ForwardTransformer(RequestUris uris, RouteHistograms histograms, Drain drain, TimeProvider clock) : HttpTransformer
{
    private const string ForwardedFor = "X-Forwarded-For";
    private const string ForwardedProto = "X-Forwarded-Proto";
    private const string ForwardedHost = "X-Forwarded-Host";

    public override ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken) =>
        PrepareAsync(httpContext, httpContext.Features.GetRequiredFeature<Exchange>(), proxyRequest, destinationPrefix, cancellationToken);

    /// <summary>Makes a request to a pod of a client's.</summary>
    public ValueTask PrepareAsync(HttpContext context, Exchange exchange, HttpRequestMessage request, string prefix, CancellationToken cancellationToken)
    {
        ConnectionHeader.RemoveNamed(context.Request.Headers.Connection, context.Request.Headers);
        var copied = base.TransformRequestAsync(context, request, prefix, cancellationToken);
        if (context.Request.Headers.UpgradeInsecureRequests is [{ } secure, ..])
        {
            // Its name is like that of the header that YARP means to leave out.
            request.Headers.TryAddWithoutValidation(HeaderNames.UpgradeInsecureRequests, secure);
        }

        request.RequestUri = uris.Get(prefix, Target(context));
        AddForwarded(context, exchange.Client, request);
        TraceHeaders.Copy(context.Request, request);
        return copied;
    }

    public override ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken) =>
        proxyResponse is null ? new(false) : AcceptAsync(httpContext, httpContext.Features.GetRequiredFeature<Exchange>(), proxyResponse, cancellationToken);

    /// <summary>The pod has answered: the client gets its headers.</summary>
    public ValueTask<bool> AcceptAsync(HttpContext context, Exchange exchange, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        exchange.Responded = true;
        exchange.Deadline?.ResponseStarted();
        var copied = base.TransformResponseAsync(context, response, cancellationToken);
        if (response.Headers.NonValidated.TryGetValues(HeaderNames.Connection, out var connection))
        {
            ConnectionHeader.RemoveNamed(connection.ToString(), context.Response.Headers);
        }

        histograms.Responded(exchange.Route.Tags, clock.GetElapsedTime(exchange.Sent));
        ProxySpans.Responded((int)response.StatusCode);
        exchange.Pod?.Responded((int)response.StatusCode, exchange.Protocol!);
        drain.SayGoodbye(context.Response);
        return copied;
    }

    /// <summary>The target as the client wrote it; of the rarer forms (absolute, asterisk) what a pod can be asked.</summary>
    private static string Target(HttpContext context)
    {
        var raw = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        return raw.StartsWith('/') ? raw : $"{context.Request.Path.ToUriComponent()}{context.Request.QueryString}";
    }

    /// <summary>
    /// The client's address joins those that gateways have added. Protocol and host are what the first of them saw: workloads read one value.
    /// </summary>
    private static void AddForwarded(HttpContext context, string? client, HttpRequestMessage request)
    {
        if (client is not null)
        {
            request.Headers.TryAddWithoutValidation(ForwardedFor, client);
        }

        if (!context.Request.Headers.ContainsKey(ForwardedProto))
        {
            request.Headers.TryAddWithoutValidation(ForwardedProto, context.Request.Scheme);
        }

        if (!context.Request.Headers.ContainsKey(ForwardedHost) && context.Request.Headers.Host is [{ Length: > 0 } host, ..])
        {
            request.Headers.TryAddWithoutValidation(ForwardedHost, host);
        }
    }
}
