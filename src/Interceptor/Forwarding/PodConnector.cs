using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Wakegate.Contracts.Sockets;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>
/// Makes the connections to one pod: a step of its own with its own time-outs, so that "not one byte of a request was sent" is known, not guessed.
/// It is over when the pod has shown that it is there: by TLS, by its first HTTP/2 frame, or, for HTTP/1.1 in clear text, by accepting.
/// </summary>
/// <param name="address">Where the pod is.</param>
/// <param name="clock">Times it.</param>
/// <param name="reached">Called when the first byte of a request goes out on a connection.</param>
internal sealed class PodConnector(PodAddress address, TimeProvider clock, Action? reached)
{
    /// <summary>A pod on the same network answers in far less than this, or its node is gone.</summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(1);

    /// <summary>What comes after that takes the pod's own time, which has little when it has just started.</summary>
    private static readonly TimeSpan SetUpTimeout = TimeSpan.FromSeconds(5);

    /// <summary>How long a connection that has failed may take to tell its requests.</summary>
    private static readonly TimeSpan Doubt = TimeSpan.FromSeconds(1);

    private volatile bool proven;
    private volatile Task settled = Task.CompletedTask;

    /// <summary>Whether the pod has shown on its newest connection that it is there.</summary>
    public bool Proven => proven;

    /// <summary>
    /// Waits until it is known whether the pod is there, if its newest connection has not shown that yet. Where that has failed, a request cannot tell
    /// whether it is on that connection, but it is told: at once by its token, and by the next flush.
    /// </summary>
    /// <param name="to">What is written to the pod.</param>
    /// <param name="cancellationToken">The request's.</param>
    /// <exception cref="IOException">It is not there, and nothing of the request has been seen.</exception>
    public async ValueTask SettleAsync(Stream to, CancellationToken cancellationToken)
    {
        // Over HTTP/1.1 a flush is the write that tells; over HTTP/2 it only asks for one, and the next has to wait for that.
        await to.FlushAsync(cancellationToken);
        if (proven)
            return;
        await to.FlushAsync(cancellationToken);
        if (proven)
            return;

        var newest = settled;
        await newest.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!newest.IsCompletedSuccessfully)
        {
            await Task.Delay(Doubt, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await to.FlushAsync(cancellationToken);
    }

    public ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var request = context.InitialRequestMessage;
        var http2 = request.Version.Major == 2;
        return request.RequestUri!.Scheme == Uri.UriSchemeHttps ? ConnectTlsAsync(request, http2, cancellationToken) : ConnectClearAsync(http2, cancellationToken);
    }

    private async ValueTask<Stream> ConnectClearAsync(bool http2, CancellationToken cancellationToken)
    {
        var socket = await DialAsync(cancellationToken);
        proven = false;
        if (!http2)
        {
            return new Http1Stream(socket, Prove, reached);
        }

        var stream = new Http2Stream(socket, clock, SetUpTimeout, Prove, reached);
        settled = stream.Answered;
        return stream;
    }

    private async ValueTask<Stream> ConnectTlsAsync(HttpRequestMessage request, bool http2, CancellationToken cancellationToken)
    {
        var stream = new TlsStream(new NetworkStream(await DialAsync(cancellationToken), ownsSocket: true), PodCertificate.Accept, reached);
        using var timeout = new CancellationTokenSource(SetUpTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            // The name that the client asked for, as without a proxy in between.
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = new HostString(request.Headers.Host ?? "").Host,
                    CertificateChainPolicy = PodCertificate.Policy,
                    ApplicationProtocols = http2 ? [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11] : [SslApplicationProtocol.Http11],
                },
                either.Token);
            Prove();
            return stream;
        }
        catch (Exception failed) when (failed is IOException or AuthenticationException || timeout.IsCancellationRequested)
        {
            await stream.DisposeAsync();
            throw new PodUnreachableException($"No TLS connection to {address}: {failed.Message}", failed, accepted: !timeout.IsCancellationRequested);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    private async ValueTask<Socket> DialAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(ConnectTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        Socket? socket = null;
        try
        {
            // A socket itself can be refused, where this process has all the files open that it may.
            socket = new Socket(address.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            SocketLiveness.Watch(socket);
            await socket.ConnectAsync(address.EndPoint, either.Token);
            return socket;
        }
        catch (Exception failed) when (failed is SocketException || timeout.IsCancellationRequested)
        {
            socket?.Dispose();
            throw new PodUnreachableException($"No connection to {address}: {failed.Message}", failed);
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }

    private void Prove() => proven = true;
}
