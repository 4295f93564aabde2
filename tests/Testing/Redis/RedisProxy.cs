using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Wakegate.Testing.Redis;

/// <summary>Stands between a client and its Redis, and holds back the answers to one command while a test wants that.</summary>
public sealed class RedisProxy : IAsyncDisposable
{
    private readonly string redis;
    private readonly SocketServer server;
    private volatile TaskCompletionSource? held;
    private byte[] command = [];
    private int asked;

    /// <summary>Begins to listen.</summary>
    public RedisProxy(string redis)
    {
        this.redis = redis;
        server = new(RelayAsync);
    }

    /// <summary><c>host:port</c>, for the client.</summary>
    public string Address => server.EndPoint.ToString();

    /// <summary>How often the command has been sent since its answers are held back.</summary>
    public int Asked => Volatile.Read(ref asked);

    /// <summary>From now on answers, from the next one to this command on, do not arrive.</summary>
    public void HoldAnswersTo(string name)
    {
        command = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"${name.Length}\r\n{name}\r\n"));
        held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>All that was held back arrives.</summary>
    public void Release()
    {
        held?.TrySetResult();
        held = null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        Release();
    }

    private async Task RelayAsync(Socket client, CancellationToken stop)
    {
        using var ours = client;
        using var theirs = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        try
        {
            await theirs.ConnectAsync(IPEndPoint.Parse(redis), stop);
            var hold = default(TaskCompletionSource);

            // The command is seen before Redis sees it, so its answer cannot slip through.
            var asking = PumpAsync(client, theirs, sent =>
            {
                if (held is not { } wanted || sent.Span.IndexOf(command) < 0)
                    return Task.CompletedTask;

                hold = wanted;
                Interlocked.Increment(ref asked);
                return Task.CompletedTask;
            }, stop);
            var answering = PumpAsync(theirs, client, _ => Volatile.Read(ref hold)?.Task.WaitAsync(stop) ?? Task.CompletedTask, stop);
            await await Task.WhenAny(asking, answering);
        }
        catch (Exception over) when (over is SocketException or OperationCanceledException)
        {
            // Either side left, or the test is over.
        }
    }

    private static async Task PumpAsync(Socket from, Socket to, Func<ReadOnlyMemory<byte>, Task> before, CancellationToken stop)
    {
        var buffer = new byte[16 * 1024];
        while (await from.ReceiveAsync(buffer, stop) is > 0 and var length)
        {
            var bytes = buffer.AsMemory(0, length);
            await before(bytes);
            await to.SendAsync(bytes, stop);
        }
    }
}
