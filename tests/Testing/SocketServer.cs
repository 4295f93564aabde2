using System.Net;
using System.Net.Sockets;

namespace Wakegate.Testing;

/// <summary>Listens on a free port of 127.0.0.1, for a test that decides itself what becomes of each connection.</summary>
public sealed class SocketServer : IAsyncDisposable
{
    private readonly Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource stop = new();
    private readonly Task accepting;

    /// <summary>Begins to listen.</summary>
    /// <param name="serveAsync">Has each connection, and disposes of it; its token ends with the server, which waits for it.</param>
    public SocketServer(Func<Socket, CancellationToken, Task> serveAsync)
    {
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        EndPoint = (IPEndPoint)listener.LocalEndPoint!;
        accepting = AcceptAsync(serveAsync);
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Refuses further connections; those that it has go on.</summary>
    public void Close() => listener.Dispose();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
        await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private async Task AcceptAsync(Func<Socket, CancellationToken, Task> serveAsync)
    {
        var connections = new List<Task>();
        try
        {
            while (true)
                connections.Add(serveAsync(await listener.AcceptAsync(stop.Token), stop.Token));
        }
        finally
        {
            await Task.WhenAll(connections);
        }
    }
}
