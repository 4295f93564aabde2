using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Wakegate.Bench.Load;

/// <summary>
/// Requests on a fixed schedule over HTTP/1.1 connections, whether or not earlier ones have been answered; latency counts from when a request
/// was to be sent, so that a stall is seen in all requests that it delayed.
/// </summary>
internal sealed partial class OpenLoop : IDisposable
{
    private static readonly TimeProvider Clock = TimeProvider.System;
    private readonly byte[] request;
    private readonly Socket[] sockets;
    private readonly ConcurrentQueue<Socket> idle = new();
    private readonly ConcurrentQueue<long> late = new();
    private readonly ConcurrentDictionary<Socket, long> due = new();
    private readonly ConcurrentQueue<double> latencies = new();
    private int outstanding;

    private OpenLoop(string host, int connections)
    {
        request = Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
        sockets = [.. Enumerable.Range(0, connections).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true })];
    }

    /// <summary>Gives the latency of every request, in ms.</summary>
    public static async Task<IReadOnlyCollection<double>> RunAsync(int port, string host, int connections, double perSecond, TimeSpan time)
    {
        using var loop = new OpenLoop(host, connections);
        foreach (var socket in loop.sockets)
        {
            await socket.ConnectAsync(IPAddress.Loopback, port);
            loop.idle.Enqueue(socket);
            _ = loop.ReceiveAsync(socket);
        }

        // A thread of its own: it sleeps to the microsecond, which timers do not.
        await Task.Factory.StartNew(
            () => loop.Send(perSecond, time), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await Running.Wait.UntilAsync(() => ValueTask.FromResult(Volatile.Read(ref loop.outstanding) == 0), "answers", CancellationToken.None);
        return loop.latencies;
    }

    public void Dispose()
    {
        foreach (var socket in sockets)
            socket.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "usleep")]
    private static partial int Sleep(uint microseconds);

    private void Send(double perSecond, TimeSpan time)
    {
        var start = Clock.GetTimestamp();
        var count = (int)(perSecond * time.TotalSeconds);
        for (var n = 0; n < count; n++)
        {
            var at = start + (long)(n / perSecond * Clock.TimestampFrequency);
            for (var wait = Clock.GetElapsedTime(Clock.GetTimestamp(), at); wait > TimeSpan.Zero; wait = Clock.GetElapsedTime(Clock.GetTimestamp(), at))
                _ = Sleep((uint)wait.TotalMicroseconds);

            Interlocked.Increment(ref outstanding);
            late.Enqueue(at);
            Match();
        }
    }

    /// <summary>Brings together those who are due and connections that are free; whichever comes last finds the other.</summary>
    private void Match()
    {
        while (!late.IsEmpty && idle.TryDequeue(out var socket))
        {
            if (late.TryDequeue(out var at))
            {
                due[socket] = at;
                socket.Send(request);
            }
            else
            {
                idle.Enqueue(socket);
            }
        }
    }

    private async Task ReceiveAsync(Socket socket)
    {
        var buffer = new byte[16 * 1024];
        var length = 0;
        try
        {
            while (await socket.ReceiveAsync(buffer.AsMemory(length)) is > 0 and var more)
            {
                length += more;
                if (!IsWhole(buffer.AsSpan(0, length)))
                    continue;
                length = 0;
                latencies.Enqueue(Clock.GetElapsedTime(due[socket], Clock.GetTimestamp()).TotalMilliseconds);
                idle.Enqueue(socket);
                Match();
                Interlocked.Decrement(ref outstanding);
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // The run has ended.
        }
    }

    private static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        if (answer.IndexOf("\r\n\r\n"u8) is not (>= 0 and var head))
            return false;
        if (!answer.StartsWith("HTTP/1.1 200"u8))
            throw new BenchException($"The answer was {Encoding.ASCII.GetString(answer[..head])}");
        var field = Encoding.ASCII.GetString(answer[..head]).Split("\r\n").First(l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        return answer.Length == head + 4 + int.Parse(field.AsSpan("Content-Length:".Length), System.Globalization.CultureInfo.InvariantCulture);
    }
}
