using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Wakegate.Bench.Load;

/// <summary>A request on a connection of its own, that is open before it is sent and closed when it is disposed.</summary>
internal sealed class RawRequest : IAsyncDisposable
{
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    public static async Task<RawRequest> ConnectAsync(int port, CancellationToken cancellation)
    {
        var request = new RawRequest();
        await request.socket.ConnectAsync(IPAddress.Loopback, port, cancellation);
        return request;
    }

    /// <summary>A GET without more than it must have.</summary>
    public static byte[] Bytes(string host) => Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");

    public void Send(string host) => socket.Send(Bytes(host));

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
