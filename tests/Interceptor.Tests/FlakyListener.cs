using System.Net;
using System.Net.Sockets;

namespace Wakegate.Interceptor.Tests;

/// <summary>
/// Stands before a pod as a proxy that is there sooner: it accepts, reads what comes first, and closes or stays silent; later connections go through.
/// </summary>
internal sealed class FlakyListener : IAsyncDisposable
{
    private readonly Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource stop = new();
    private readonly Task accepting;
    private int refused;

    /// <param name="pod">Where it leads.</param>
    /// <param name="closes">Whether it closes a connection that does not go through, or stays silent.</param>
    public FlakyListener(IPEndPoint pod, bool closes)
    {
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        accepting = AcceptAsync(pod, closes);
    }

    public IPEndPoint EndPoint => (IPEndPoint)listener.LocalEndPoint!;

    /// <summary>Whether connections go through.</summary>
    public bool Open { get; set; }

    /// <summary>Connections that did not go through, after they had sent something.</summary>
    public int Refused => Volatile.Read(ref refused);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
        await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private async Task AcceptAsync(IPEndPoint pod, bool closes)
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                var socket = await listener.AcceptAsync(stop.Token);
                connections.Add(Open ? PassAsync(socket, pod) : RefuseAsync(socket, closes));
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task RefuseAsync(Socket socket, bool closes)
    {
        using (socket)
        {
            await socket.ReceiveAsync(new byte[16 * 1024], stop.Token);
            Interlocked.Increment(ref refused);
            if (closes)
            {
                // A reset, not an orderly end.
                socket.LingerState = new(enable: true, seconds: 0);
                return;
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task PassAsync(Socket client, IPEndPoint pod)
    {
        await using var near = new NetworkStream(client, ownsSocket: true);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(pod, stop.Token);
            await using var far = new NetworkStream(socket, ownsSocket: false);
            await Task.WhenAny(near.CopyToAsync(far, stop.Token), far.CopyToAsync(near, stop.Token));
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or SocketException)
        {
            // The test is over.
        }
    }
}
