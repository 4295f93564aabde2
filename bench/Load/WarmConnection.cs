using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Wakegate.Bench.Load;

/// <summary>A connection that stays open and carries one request at a time; it blocks, and allocates nothing.</summary>
internal sealed class WarmConnection : IDisposable
{
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] request;
    private readonly byte[] buffer = new byte[16 * 1024];

    public WarmConnection(int port, string host)
    {
        request = Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
        socket.Connect(IPAddress.Loopback, port);
    }

    /// <summary>Sends the request, and reads its answer.</summary>
    /// <exception cref="BenchException">The answer was no 200, or the server closed.</exception>
    public void Ask()
    {
        socket.Send(request);
        var length = 0;
        do
        {
            var more = socket.Receive(buffer.AsSpan(length));
            length += more > 0 ? more : throw new BenchException("The server closed the connection.");
        }
        while (!Answer.IsWhole(buffer.AsSpan(0, length)));
    }

    public void Dispose() => socket.Dispose();
}
