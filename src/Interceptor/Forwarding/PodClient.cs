using System.Net;
using System.Text;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>
/// The connections to one pod. It keeps the promise that nothing that could have reached a pod is sent twice, which
/// <see cref="SocketsHttpHandler"/> on its own does not: see <see cref="TrackedContent"/> and <see cref="AnswerWatch"/>.
/// </summary>
internal sealed class PodClient(PodConnector connector) : HttpMessageInvoker(CreateHandler(connector))
{
    /// <summary>
    /// Shorter than common servers keep an idle connection (Node.js and uvicorn: 5 s), since what is sent just as the pod closes fails, and
    /// what is not idempotent cannot be sent again. A new connection inside a cluster costs less than a millisecond.
    /// </summary>
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(4);

    public override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is null && IsSafe(request.Method))
        {
            return base.SendAsync(request, cancellationToken);
        }

        var content = new TrackedContent(request, connector);
        request.Content = content;

        // With it, a connection that ends before the response would make the handler send the headers again.
        request.Headers.ExpectContinue = null;
        return SendTrackedAsync(request, content, cancellationToken);
    }

    /// <summary>Safe methods (RFC 9110, section 9.2.1) may be repeated: they ask for nothing to be done.</summary>
    public static bool IsSafe(HttpMethod method) =>
        method == HttpMethod.Get || method == HttpMethod.Head || method == HttpMethod.Options || method == HttpMethod.Trace;

    private async Task<HttpResponseMessage> SendTrackedAsync(
        HttpRequestMessage request, TrackedContent content, CancellationToken cancellationToken)
    {
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        catch (Exception failed) when (!content.Touched && PodUnreachableException.IsCauseOf(failed))
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
