using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Wakegate.Testing;

/// <summary>For processes that cannot tell which port they were given.</summary>
public static class FreePort
{
    // Below those that systems give out themselves (Linux from 32768), also to every client's end of a connection, of which tests open many.
    private const int Lowest = 10_000;
    private const int Highest = 32_000;

    private static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <summary>A loopback port on which nothing listened a moment ago. This process gets each but once.</summary>
    public static int Find()
    {
        while (true)
        {
            var port = Random.Shared.Next(Lowest, Highest);
            if (Given.TryAdd(port, true) && IsFree(port))
                return port;
        }
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
