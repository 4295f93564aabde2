using System.Net.Sockets;

namespace Wakegate.Contracts.Sockets;

/// <summary>Finds out when a peer has vanished without a word: its node has died, or what is between has forgotten the connection.</summary>
public static class SocketLiveness
{
    /// <summary>
    /// A peer that is silent for 30 s is asked every 10 s whether it is there (TCP keep-alive, RFC 9293, section 3.8.4), and the connection has ended when it has not answered
    /// three times: after a minute. What was sent to it and is not acknowledged the system sends again for its own time, a quarter of an hour on Linux: a
    /// limit of ours (TCP_USER_TIMEOUT) would also end connections to peers that only pause. Connections that a listening socket accepts are as it is.
    /// </summary>
    public static void Watch(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 30);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
    }
}
