using System.Net;
using System.Net.Sockets;

namespace Wakegate.Bench.Load;

/// <summary>A connection that stays open and carries one request at a time; it allocates nothing.</summary>
internal sealed class WarmConnection : IDisposable
{
    private readonly byte[] request;
    private readonly byte[] buffer = new byte[16 * 1024];
    private int length;

    /// <param name="port">Where, on 127.0.0.1.</param>
    /// <param name="host">What is asked for.</param>
    /// <param name="blocking">Whether answers are waited for, or looked for.</param>
    public WarmConnection(int port, string host, bool blocking)
    {
        request = RawRequest.Bytes(host);
        Socket.Connect(IPAddress.Loopback, port);
        Socket.Blocking = blocking;
    }

    public Socket Socket { get; } = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    /// <exception cref="BenchException">The contestant does not take it.</exception>
    public void Send()
    {
        if (Socket.Send(request) != request.Length)
            throw new BenchException("The contestant does not read its requests.");
    }

    /// <summary>Reads what has come; whether the answer is whole.</summary>
    /// <exception cref="BenchException">It is no 200, or the contestant closed.</exception>
    public bool TryTakeAnswer()
    {
        var more = Socket.Receive(buffer.AsSpan(length), SocketFlags.None, out var error);
        if (error == SocketError.WouldBlock)
            return false;
        if (error != SocketError.Success || more == 0)
            throw new BenchException($"The contestant ended a connection ({error}).");

        length += more;
        if (!Answer.IsWhole(buffer.AsSpan(0, length)))
            return false;
        length = 0;
        return true;
    }

    public void Dispose() => Socket.Dispose();
}
