using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

/// <summary>
/// A pod that speaks HTTP/1.1, answers every GET, and declines every other request as soon as it has its head: it answers, and closes the connection with what it
/// has not read.
/// </summary>
internal sealed class DecliningPod : IAsyncDisposable
{
    /// <summary>In bytes: what it reads on before it closes, where it lingers.</summary>
    private const int Lingering = 1_000_000;

    private readonly SocketServer server;

    /// <param name="lingers">Whether it does as Go's net/http: ends its own side first, and reads on for a while.</param>
    /// <param name="tls">Whether it is spoken to over TLS.</param>
    /// <param name="framed">Whether its answer has a length, or ends with its side of the connection.</param>
    public DecliningPod(bool lingers, bool tls = false, bool framed = true) =>
        server = new((socket, stop) => ServeAsync(socket, lingers, tls, framed ? "Content-Length: 9\r\n" : "", stop));

    public IPEndPoint EndPoint => server.EndPoint;

    /// <summary>The first line of every request, with its number on its connection, from 0.</summary>
    public ConcurrentQueue<string> Seen { get; } = new();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private async Task ServeAsync(Socket socket, bool lingers, bool tls, string length, CancellationToken stop)
    {
        using var closing = socket;

        // Or its answer might wait for an acknowledgement of what came before it, and be lost with the connection.
        socket.NoDelay = true;
        try
        {
            await using var clear = new NetworkStream(socket);
            await using var stream = tls ? await SecureAsync(clear, stop) : clear;
            var number = 0;
            for (string line; (line = await ReadHeadAsync(stream, stop)).StartsWith("GET", StringComparison.Ordinal); number++)
            {
                Seen.Enqueue($"{number} {line}");
                await stream.WriteAsync(Encoding.ASCII.GetBytes(RawPod.Ok("first")), stop);
            }

            Seen.Enqueue($"{number} POST");
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 413 Content Too Large\r\n{length}Connection: close\r\n\r\ntoo large"), stop);
            if (lingers)
            {
                socket.Shutdown(SocketShutdown.Send);
                await stream.ReadExactlyAsync(new byte[Lingering], stop);
            }

            // Not what a stream does at its end, over TLS: the process is done with it.
            socket.Close();
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // The test is over, or the interceptor has closed.
        }
    }

    private static async Task<Stream> SecureAsync(Stream clear, CancellationToken stop)
    {
        var secure = new SslStream(clear);
        await secure.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions { ServerCertificateContext = SslStreamCertificateContext.Create(SelfSigned.Create("pod"), additionalCertificates: null, offline: true) }, stop);
        return secure;
    }

    /// <summary>Byte by byte: nothing of the body is read.</summary>
    private static async Task<string> ReadHeadAsync(Stream stream, CancellationToken stop)
    {
        var head = new StringBuilder();
        var next = new byte[1];
        while (head.Length < 4 || head.ToString(head.Length - 4, 4) != "\r\n\r\n")
        {
            await stream.ReadExactlyAsync(next, stop);
            head.Append((char)next[0]);
        }

        return head.ToString().Split("\r\n")[0];
    }
}
