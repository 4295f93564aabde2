using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Wakegate.Interceptor.Tests;

/// <summary>A pod that speaks HTTP/1.1 byte by byte as a test says, and closes when it likes. It keeps the head of every request.</summary>
internal sealed class RawPod : IAsyncDisposable
{
    private readonly Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource stop = new();
    private readonly Task accepting;

    /// <param name="answer">For each request: its number on its connection, from 0, and its head; what is written back, or null to close.</param>
    public RawPod(Func<int, string, string?> answer)
    {
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        accepting = AcceptAsync(answer);
    }

    public IPEndPoint EndPoint => (IPEndPoint)listener.LocalEndPoint!;

    public ConcurrentQueue<string> Heads { get; } = new();

    public static string Ok(string body) => $"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}";

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
        await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private async Task AcceptAsync(Func<int, string, string?> answer)
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await listener.AcceptAsync(stop.Token), answer));
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(Socket socket, Func<int, string, string?> answer)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        var received = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            for (var number = 0; ; number++)
            {
                int end;
                while ((end = received.ToString().IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0)
                {
                    var read = await stream.ReadAsync(buffer, stop.Token);
                    if (read == 0)
                    {
                        return;
                    }

                    received.Append(Encoding.Latin1.GetString(buffer, 0, read));
                }

                var head = received.ToString(0, end);
                received.Remove(0, end + 4);
                Heads.Enqueue(head);
                if (answer(number, head) is not { } response)
                {
                    return;
                }

                await stream.WriteAsync(Encoding.Latin1.GetBytes(response), stop.Token);
            }
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // The test is over, or the interceptor has closed.
        }
    }
}
