using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>
/// The connections to one pod. It keeps the promise that nothing that could have reached a pod is sent twice, which
/// <see cref="SocketsHttpHandler"/> on its own does not: see <see cref="TrackedContent"/>.
/// </summary>
internal sealed class PodClient(PodAddress address, TimeProvider clock, Action? reached) : HttpMessageInvoker(CreateHandler(address, clock, reached))
{
    /// <summary>A pod on the same network answers in far less than this, or its node is gone.</summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(1);

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

        var content = new TrackedContent(request.Content);
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
        catch (HttpRequestException failed) when (!content.Started && PodUnreachableException.IsCauseOf(failed))
        {
            throw new UnsentException(failed);
        }
    }

    [SuppressMessage("Security", "CA5359", Justification = "See AcceptAny.")]
    private static SocketsHttpHandler CreateHandler(PodAddress address, TimeProvider clock, Action? reached) => new()
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

        SslOptions = { RemoteCertificateValidationCallback = AcceptAny },
        ConnectCallback = (_, cancellationToken) => ConnectAsync(address, clock, reached, cancellationToken),
    };

    /// <summary>Traffic to a pod is encrypted where its port says so, but pods have no name that a certificate could vouch for.</summary>
    private static bool AcceptAny(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) => true;

    /// <summary>A step of its own with its own time-out, so that "could not connect" is known, not guessed.</summary>
    private static async ValueTask<Stream> ConnectAsync(
        PodAddress address, TimeProvider clock, Action? reached, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var timeout = new CancellationTokenSource(ConnectTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await socket.ConnectAsync(address.EndPoint, either.Token);
            return reached is null ? new NetworkStream(socket, ownsSocket: true) : new FirstByteStream(socket, reached);
        }
        catch (Exception failed) when (failed is SocketException || timeout.IsCancellationRequested)
        {
            socket.Dispose();
            throw new PodUnreachableException($"No connection to {address}: {failed.Message}", failed);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
