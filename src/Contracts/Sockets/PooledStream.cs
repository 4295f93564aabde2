using System.Net;
using System.Net.Sockets;

namespace Wakegate.Contracts.Sockets;

/// <summary>A connection whose reader and writer go on with a thread of the pool, for code that may block: see <see cref="SocketThreads"/>.</summary>
public sealed class PooledStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
{
    /// <summary>Has an HTTP client connect by such streams.</summary>
    public static void Use(SocketsHttpHandler handler) =>
        handler.ConnectCallback = (context, cancellationToken) => ConnectAsync(context.DnsEndPoint, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = base.ReadAsync(buffer, cancellationToken);
        return read.IsCompleted ? read : new(OnPoolAsync(read.AsTask()));
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var write = base.WriteAsync(buffer, cancellationToken);
        return write.IsCompleted ? write : new(OnPoolAsync(write.AsTask()));
    }

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint endpoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await OnPoolAsync(socket.ConnectAsync(endpoint, cancellationToken).AsTask());
            return new PooledStream(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<T> OnPoolAsync<T>(Task<T> task)
    {
        await OnPoolAsync((Task)task);
        return await task;
    }

    private static async Task OnPoolAsync(Task task)
    {
        await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!Thread.CurrentThread.IsThreadPoolThread)
        {
            await Task.Yield();
        }

        await task;
    }
}
