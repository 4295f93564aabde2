using System.Runtime.InteropServices;

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

    private readonly WarmConnection[] lanes;

    // When the request was due that a lane carries.
    private readonly long[] dues;
    private readonly PollItem[] polled;
    private readonly Queue<int> idle;
    private readonly List<double> latencies;

    private OpenLoop(int port, string host, int connections, int count)
    {
        lanes = [.. Enumerable.Range(0, connections).Select(_ => new WarmConnection(port, host, blocking: false))];
        dues = new long[connections];
        polled = [.. lanes.Select(lane => new PollItem { File = (int)lane.Socket.Handle, Wanted = PollIn })];
        idle = new(Enumerable.Range(0, connections));
        latencies = new(count);
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
            lane.Dispose();
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
                dues[lane] = due;
                lanes[lane].Send();
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
            if (lanes[n].TryTakeAnswer())
            {
                latencies.Add(Clock.GetElapsedTime(dues[n], Clock.GetTimestamp()).TotalMilliseconds);
                idle.Enqueue(n);
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
}
