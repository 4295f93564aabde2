using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Wakegate.Bench.Load;

/// <summary>
/// Requests on a fixed schedule over HTTP/1.1 connections, whether or not earlier ones have been answered; latency counts from when a request
/// was to be sent, so that a stall is seen in all requests that it delayed. One thread does it all, so that on a machine of two cores the
/// client costs the contestant as little as it can.
/// </summary>
internal sealed partial class OpenLoop : IDisposable
{
    private const short PollIn = 1;
    private static readonly TimeProvider Clock = TimeProvider.System;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly byte[] request;
    private readonly Lane[] lanes;
    private readonly PollItem[] polled;
    private readonly Queue<Lane> idle = new();
    private readonly List<double> latencies;

    private OpenLoop(int port, string host, int connections, int count)
    {
        request = Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
        lanes = [.. Enumerable.Range(0, connections).Select(_ => new Lane(port))];
        polled = [.. lanes.Select(lane => new PollItem { File = (int)lane.Socket.Handle, Wanted = PollIn })];
        latencies = new(count);
        foreach (var lane in lanes)
            idle.Enqueue(lane);
    }

    /// <summary>Gives the latency of every request, in ms.</summary>
    /// <exception cref="BenchException">An answer was not a 200, or has not come 10 s after the last request.</exception>
    public static Task<List<double>> RunAsync(int port, string host, int connections, double perSecond, TimeSpan time) => Task.Factory.StartNew(
        () =>
        {
            var count = (int)(perSecond * time.TotalSeconds);
            using var loop = new OpenLoop(port, host, connections, count);
            loop.Run(perSecond, count);
            return loop.latencies;
        },
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public void Dispose()
    {
        foreach (var lane in lanes)
            lane.Socket.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "ppoll", SetLastError = true)]
    private static partial int Poll([In, Out] PollItem[] items, nuint count, in Timespan timeout, nint signals);

    private void Run(double perSecond, int count)
    {
        var start = Clock.GetTimestamp();
        var end = start + (long)(count / perSecond * Clock.TimestampFrequency);
        var sent = 0;
        while (latencies.Count < count)
        {
            while (sent < count && Due(sent) is var due && Clock.GetTimestamp() >= due && idle.TryDequeue(out var lane))
            {
                lane.Send(request, due);
                sent++;
            }

            // Where all connections are busy, or all is sent, only answers count.
            Await(sent < count && idle.Count > 0 ? Clock.GetElapsedTime(Clock.GetTimestamp(), Due(sent)) : Patience);
            if (Clock.GetElapsedTime(end) > Patience)
                throw new BenchException($"{count - latencies.Count} requests of {count} have not been answered {Patience.TotalSeconds:0} s after the last.");
        }

        long Due(int n) => start + (long)(n / perSecond * Clock.TimestampFrequency);
    }

    /// <summary>Takes what answers come until then; where that time is over, those that are there.</summary>
    private void Await(TimeSpan until)
    {
        var timeout = until > TimeSpan.Zero ? new Timespan { Seconds = until.Ticks / TimeSpan.TicksPerSecond, Nanoseconds = until.Ticks % TimeSpan.TicksPerSecond * 100 } : default;
        var ready = Poll(polled, (nuint)polled.Length, timeout, signals: 0);
        for (var n = 0; ready > 0; n++)
        {
            if (polled[n].Seen == 0)
                continue;

            ready--;
            if (lanes[n].TryTakeAnswer() is { } due)
            {
                latencies.Add(Clock.GetElapsedTime(due, Clock.GetTimestamp()).TotalMilliseconds);
                idle.Enqueue(lanes[n]);
            }
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollItem
    {
        public int File;
        public short Wanted;
        public short Seen;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespan
    {
        public long Seconds;
        public long Nanoseconds;
    }

    /// <summary>A connection, which carries one request at a time.</summary>
    private sealed class Lane
    {
        private readonly byte[] buffer = new byte[16 * 1024];
        private int length;
        private long due;

        public Lane(int port)
        {
            Socket.Connect(IPAddress.Loopback, port);
            Socket.Blocking = false;
        }

        public Socket Socket { get; } = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

        public void Send(byte[] request, long at)
        {
            due = at;
            if (Socket.Send(request) != request.Length)
                throw new BenchException("The contestant does not read its requests.");
        }

        /// <summary>When the request was due whose answer is whole now.</summary>
        public long? TryTakeAnswer()
        {
            var more = Socket.Receive(buffer.AsSpan(length), SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock)
                return null;
            if (error != SocketError.Success || more == 0)
                throw new BenchException($"The contestant ended a connection ({error}).");

            length += more;
            if (!Answer.IsWhole(buffer.AsSpan(0, length)))
                return null;
            length = 0;
            return due;
        }
    }
}
