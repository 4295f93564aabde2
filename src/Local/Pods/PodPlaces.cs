using System.Net;
using System.Net.Sockets;
using Wakegate.Local.Cluster;

namespace Wakegate.Local.Pods;

/// <summary>
/// Gives each pod a place of its own: on Linux an address of 127.0.0.0/8, all of which is this machine; elsewhere, as on macOS, which has
/// only 127.0.0.1, a port.
/// </summary>
internal sealed class PodPlaces(bool sharedAddress)
{
    // Two Locals on one machine draw different networks, all but certainly.
    private readonly byte[] network = [127, (byte)Random.Shared.Next(16, 255), (byte)Random.Shared.Next(0, 255)];
    private int last;

    public PodPlaces()
        : this(!OperatingSystem.IsLinux())
    {
    }

    /// <summary>A place where nobody listens, never given before.</summary>
    public PodPlace Take(int containerPort)
    {
        if (sharedAddress)
            return new(IPAddress.Loopback, LocalPorts.FreePort(), Shared: true);

        PodPlace place;
        do
            place = new(Next(), containerPort, Shared: false);
        while (!IsFree(place));
        return place;
    }

    private IPAddress Next()
    {
        // .1 to .254 of one network after the other.
        var number = Interlocked.Increment(ref last) - 1;
        return new([network[0], network[1], (byte)(network[2] + (number / 254)), (byte)((number % 254) + 1)]);
    }

    private static bool IsFree(PodPlace place)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(place.Address, place.Port));
            return true;
        }
        catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return false;
        }
    }
}
