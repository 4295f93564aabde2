using System.Buffers;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Wakegate.Interceptor.Listening;

/// <summary>
/// HTTP/1.1 and prior-knowledge h2c on one cleartext port. Without TLS there is no ALPN, so the first bytes decide: an HTTP/2 client opens
/// with a fixed preface (RFC 9113, section 3.4), which no HTTP/1.1 request can begin with.
/// </summary>
internal sealed class SharedPort(TimeProvider clock)
{
    private ConnectionDelegate? http2;

    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    /// <summary>Takes the pipeline of an HTTP/2-only endpoint. Kestrel builds every endpoint's pipeline before it accepts on any.</summary>
    public void Borrow(ListenOptions lender)
    {
        lender.Protocols = HttpProtocols.Http2;
        lender.Use(next => http2 = next);
    }

    /// <summary>Hands the port's HTTP/2 connections to the borrowed pipeline, the others to its own.</summary>
    public void Share(ListenOptions port)
    {
        port.Protocols = HttpProtocols.Http1;
        var patience = port.KestrelServerOptions.Limits.RequestHeadersTimeout;
        port.Use(http1 => connection => DispatchAsync(connection, http1, patience));
    }

    private async Task DispatchAsync(ConnectionContext connection, ConnectionDelegate http1, TimeSpan patience)
    {
        var protocol = await DetectAsync(connection, patience);
        if (protocol == HttpProtocols.None)
        {
            connection.Abort();
            return;
        }

        ClientConnection.Note(connection);
        await (protocol == HttpProtocols.Http2 ? http2! : http1)(connection);
    }

    /// <summary>Reads without consuming until the first bytes say which protocol it is; None when the time is up or the server is stopping.</summary>
    private async Task<HttpProtocols> DetectAsync(ConnectionContext connection, TimeSpan patience)
    {
        using var timeout = new CancellationTokenSource(patience, clock);
        var closing = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, closing, connection.ConnectionClosed);
        var input = connection.Transport.Input;
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(stop.Token);
                var protocol = read.IsCompleted && read.Buffer.IsEmpty ? HttpProtocols.None : Decide(read.Buffer, read.IsCompleted);
                if (protocol is { } decided)
                {
                    input.AdvanceTo(read.Buffer.Start, read.Buffer.Start);
                    return decided;
                }

                input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or ConnectionResetException or ConnectionAbortedException)
        {
            return HttpProtocols.None;
        }
    }

    private static HttpProtocols? Decide(in ReadOnlySequence<byte> bytes, bool completed)
    {
        Span<byte> first = stackalloc byte[(int)Math.Min(bytes.Length, Preface.Length)];
        bytes.Slice(0, first.Length).CopyTo(first);
        if (!Preface.StartsWith(first) || (completed && first.Length < Preface.Length))
        {
            return HttpProtocols.Http1;
        }

        return first.Length == Preface.Length ? HttpProtocols.Http2 : null;
    }
}
