using System.Net;
using System.Text;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>
/// The connections to one pod. It keeps the promise that nothing that could have reached a pod is sent twice, which
/// <see cref="SocketsHttpHandler"/> on its own does not: see <see cref="RequestContent"/> and <see cref="AnswerWatch"/>.
/// </summary>
internal sealed class PodClient(PodConnector connector) : HttpMessageInvoker(CreateHandler(connector))
{
    /// <summary>
    /// Shorter than common servers keep an idle connection (Node.js and uvicorn: 5 s), since what is sent just as the pod closes fails, and
    /// what is not idempotent cannot be sent again. A new connection inside a cluster costs less than a millisecond.
    /// </summary>
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(4);

    /// <summary>What a request needs as its content: null where it has no body and may be repeated.</summary>
    /// <param name="method">The request's.</param>
    /// <param name="body">The client's.</param>
    /// <param name="attempt">The token with which it will be sent.</param>
    public HttpContent? CreateContent(HttpMethod method, ClientBody? body, CancellationToken attempt) =>
        body is null && IsSafe(method) ? null : new RequestContent(body, connector, attempt);

    public override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Content ??= CreateContent(request.Method, body: null, cancellationToken);
        if (request.Content is not RequestContent content)
            return base.SendAsync(request, cancellationToken);

        // With it, a connection that ends before the response would make the handler send the headers again.
        request.Headers.ExpectContinue = null;
        return SendOnceAsync(request, content, cancellationToken);
    }

    /// <summary>Safe methods (RFC 9110, section 9.2.1) may be repeated: they ask for nothing to be done.</summary>
    public static bool IsSafe(HttpMethod method) =>
        method == HttpMethod.Get || method == HttpMethod.Head || method == HttpMethod.Options || method == HttpMethod.Trace;

    /// <summary>
    /// Whether a request failed that the pod has not seen: its connection could not be made, or the pod refused it before it looked at it (RFC 9113,
    /// section 8.7). Of attempts that the handler made before, the pod has said the same.
    /// </summary>
    public bool IsUnseen(Exception? failure)
    {
        const int RefusedStream = 7;

        // So the handler fails a request for which it had a new connection, but not in time: that has ended before it was given a request.
        if (failure is HttpRequestException { InnerException: null, HttpRequestError: HttpRequestError.Unknown } && !connector.Proven)
            return true;

        for (; failure is not null; failure = failure.InnerException)
        {
            if (failure is PodUnreachableException or HttpProtocolException { ErrorCode: RefusedStream })
                return true;
        }

        return false;
    }

    private async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, RequestContent content, CancellationToken cancellationToken)
    {
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        catch (Exception failed) when (content.CanRestart && IsUnseen(failed))
        {
            throw new UnsentException(failed);
        }
    }

    private static SocketsHttpHandler CreateHandler(PodConnector connector) => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        EnableMultipleHttp2Connections = true,
        PooledConnectionIdleTimeout = IdleTimeout,
        ConnectTimeout = Timeout.InfiniteTimeSpan,
        RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1,
        ResponseHeaderEncodingSelector = (_, _) => Encoding.Latin1,
        ConnectCallback = connector.ConnectAsync,
    };
}

/// <summary>A request is known not to have been seen by a pod, and can be sent again.</summary>
internal sealed class UnsentException(Exception inner) : IOException(inner.Message, inner);
