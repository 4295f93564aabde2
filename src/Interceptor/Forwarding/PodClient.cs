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
    public static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(4);

    /// <summary>What a request needs as its content: null where it has no body and may be repeated.</summary>
    /// <param name="method">The request's.</param>
    /// <param name="body">The client's.</param>
    /// <param name="attempt">The token with which it will be sent.</param>
    public RequestContent? CreateContent(HttpMethod method, ClientBody? body, CancellationToken attempt) =>
        body is null && IsSafe(method) ? null : new RequestContent(body, connector, attempt);

    public override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Content ??= CreateContent(request.Method, body: null, cancellationToken);
        if (request.Content is not null)
        {
            // With it, a connection that ends before the response would make the handler send the headers again.
            request.Headers.ExpectContinue = null;
        }

        return base.SendAsync(request, cancellationToken);
    }

    /// <summary>Safe methods (RFC 9110, section 9.2.1) may be repeated: they ask for nothing to be done.</summary>
    public static bool IsSafe(HttpMethod method) =>
        method == HttpMethod.Get || method == HttpMethod.Head || method == HttpMethod.Options || method == HttpMethod.Trace;

    /// <summary>
    /// Whether a request failed that the pod has not seen: its connection could not be made, or the pod refused it before it looked at it (RFC 9113,
    /// section 8.7). Of attempts that the handler made before, the pod has said the same.
    /// </summary>
    /// <param name="failure">With which it failed.</param>
    /// <param name="begun">Whether any of its body was sent, or began to be.</param>
    public bool IsUnseen(Exception? failure, bool begun)
    {
        if (PodUnreachableException.In(failure) is not null)
        {
            return true;
        }

        return failure switch
        {
            // What the handler has given up to send again, it fails with words of its own; what the pod may have seen, with those of the cause.
            HttpRequestException { InnerException: HttpProtocolException cause } => failure.Message != cause.Message,

            // So it fails a request for which it had a new connection, but not in time: that has ended before it was given a request.
            HttpRequestException { InnerException: null, HttpRequestError: HttpRequestError.Unknown } => !begun && !connector.Proven,
            _ => false,
        };
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
        ConnectCallback = connector.ConnectAsync,
    };
}
