using System.Net;
using System.Net.Sockets;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

/// <summary>
/// Stands before a pod as a proxy that is there sooner: it accepts, reads what comes first, and closes or stays silent; later connections go through.
/// </summary>
internal sealed class FlakyListener : IAsyncDisposable
{
    private readonly SocketServer server;
    private int refused;

    /// <param name="pod">Where it leads.</param>
    /// <param name="closes">Whether it closes a connection that does not go through, or stays silent.</param>
    /// <param name="says">What it says before it closes; null where it resets the connection instead.</param>
    public FlakyListener(IPEndPoint pod, bool closes, byte[]? says = null) =>
        server = new((socket, stop) => Open ? PassAsync(socket, pod, stop) : RefuseAsync(socket, closes, says, stop));

    public IPEndPoint EndPoint => server.EndPoint;

    /// <summary>Whether connections go through.</summary>
    public bool Open { get; set; }

    /// <summary>Connections that did not go through, after they had sent something.</summary>
    public int Refused => Volatile.Read(ref refused);

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private async Task RefuseAsync(Socket socket, bool closes, byte[]? says, CancellationToken stop)
    {
        using (socket)
        {
            await socket.ReceiveAsync(new byte[16 * 1024], stop);
            Interlocked.Increment(ref refused);
            if (says is not null)
            {
                await socket.SendAsync(says, stop);
                return;
            }

            if (closes)
            {
                // A reset, not an orderly end.
                socket.LingerState = new(enable: true, seconds: 0);
                return;
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task PassAsync(Socket client, IPEndPoint pod, CancellationToken stop)
    {
        await using var near = new NetworkStream(client, ownsSocket: true);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(pod, stop);
            await using var far = new NetworkStream(socket, ownsSocket: false);
            await Task.WhenAny(near.CopyToAsync(far, stop), far.CopyToAsync(near, stop));
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or SocketException)
        {
            // The test is over.
        }
    }
}
