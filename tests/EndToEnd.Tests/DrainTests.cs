using System.Net.Sockets;
using System.Net.WebSockets;
using Wakegate.EndToEnd.Tests.Live;
using Wakegate.Local.Cluster;
using Wakegate.Testing;

namespace Wakegate.EndToEnd.Tests;

/// <summary>An interceptor is told to leave.</summary>
public sealed class DrainTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task Sigterm_FinishesWhatIsInFlightAndHeld()
    {
        var bakery = Workload.Shop with { Name = "bakery", IsReadyByItself = false };
        await using var system = await LiveSystem.StartAsync(Workload.Shop, bakery);
        var leaving = await system.Cluster.AddInterceptorAsync(Stop);
        var client = system.ClientOf(leaving);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri("ws://shop.localhost/ws"), client, Stop);
        var inFlight = client.GetStringAsync(new Uri("http://shop.localhost/delay/10000"), Stop);
        var held = client.GetStringAsync(new Uri("http://bakery.localhost/bread"), Stop);
        await system.Scaler.SaysAsync("shop", 2);
        await system.Scaler.SaysAsync("bakery", 1);

        var exit = leaving.TerminateAsync();
        await RefusesAsync(leaving);
        var echo = await EchoAsync(socket);
        await system.LetPodBeReadyAsync("bakery");
        var answers = await Task.WhenAll(inFlight, held);
        var exited = await exit;

        Assert.Contains("\"/delay/10000\"", answers[0], StringComparison.Ordinal);
        Assert.Contains("\"/bread\"", answers[1], StringComparison.Ordinal);
        Assert.Equal("still here", echo);
        Assert.Equal(0, exited.Code);
        await EndsAsync(socket);
        await system.Scaler.SaysAsync("shop", 0);
    }

    private static Task RefusesAsync(LocalPart interceptor) => Eventually.TrueAsync(async () =>
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(interceptor.Address.Host, interceptor.Address.Port, Stop);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    });

    private static async Task<string> EchoAsync(ClientWebSocket socket)
    {
        await socket.SendAsync("still here"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, Stop);
        var buffer = new byte[64];
        var received = await socket.ReceiveAsync(buffer, Stop);
        return System.Text.Encoding.UTF8.GetString(buffer, 0, received.Count);
    }

    // With a close frame or without: a proxy that leaves has none of its own to send.
    private static async Task EndsAsync(ClientWebSocket socket)
    {
        try
        {
            var received = await socket.ReceiveAsync(new byte[64], Stop);
            Assert.Equal(WebSocketMessageType.Close, received.MessageType);
        }
        catch (WebSocketException)
        {
            Assert.Equal(WebSocketState.Aborted, socket.State);
        }
    }
}
