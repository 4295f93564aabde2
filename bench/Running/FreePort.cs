using System.Net;
using System.Net.Sockets;

namespace Wakegate.Bench.Running;

internal static class FreePort
{
    // Below what Linux gives to clients (ip_local_port_range): any connection might get one of those before the server does.
    private const int First = 20_000;
    private const int AfterLast = 32_768;

    /// <summary>A loopback port on which nothing listened a moment ago, and that no client's end of a connection gets.</summary>
    public static int Find()
    {
        while (true)
        {
            var port = Random.Shared.Next(First, AfterLast);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // The next, then.
            }
        }
    }
}
