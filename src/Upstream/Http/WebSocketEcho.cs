using System.Net.WebSockets;

namespace Wakegate.Upstream.Http;

/// <summary><c>/ws</c>: sends every message back, in the fragments it came in.</summary>
internal static class WebSocketEcho
{
    public static void MapWebSocketEcho(this IEndpointRouteBuilder app) => app.Map("/ws", AcceptAsync);

    private static async Task AcceptAsync(HttpContext context, IHostApplicationLifetime lifetime)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            await EchoAsync(socket, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // A cancelled receive aborts the socket: the client sees its connection end.
        }
        catch (WebSocketException)
        {
            // The client left without a close frame.
        }
    }

    private static async Task EchoAsync(WebSocket socket, CancellationToken cancellation)
    {
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(), cancellation);
            if (received.MessageType == WebSocketMessageType.Close)
                break;
            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, cancellation);
        }

        await socket.CloseOutputAsync(socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure, socket.CloseStatusDescription, cancellation);
    }
}
