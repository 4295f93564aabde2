using System.Net;
using System.Net.Sockets;

namespace Wakegate.Testing;

/// <summary>For processes that cannot tell which port they were given.</summary>
public static class FreePort
{
    /// <summary>A loopback port on which nothing listened a moment ago.</summary>
    public static int Find()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
