using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

/// <summary>A pod that speaks HTTP/1.1 byte by byte as a test says, and closes when it likes. It keeps the head of every request.</summary>
internal sealed class RawPod : IAsyncDisposable
{
    private readonly SocketServer server;

    /// <param name="answer">For each request: its number on its connection, from 0, and its head; what is written back, or null to close.</param>
    public RawPod(Func<int, string, string?> answer) => server = new((socket, stop) => ServeAsync(socket, answer, stop));

    public IPEndPoint EndPoint => server.EndPoint;

    public ConcurrentQueue<string> Heads { get; } = new();

    public static string Ok(string body) => $"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}";

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private async Task ServeAsync(Socket socket, Func<int, string, string?> answer, CancellationToken stop)
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
                    var read = await stream.ReadAsync(buffer, stop);
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

                await stream.WriteAsync(Encoding.Latin1.GetBytes(response), stop);
            }
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // The test is over, or the interceptor has closed.
        }
    }
}
