using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

/// <summary>A pod whose requests wait until the test lets them go, in the order in which they came.</summary>
internal sealed class GatedPod : IAsyncDisposable
{
    private readonly ConcurrentQueue<TaskCompletionSource<int>> waiting = new();
    private int most;
    private StubPod pod = null!;

    /// <summary>Requests that have come and have not been let go.</summary>
    public int Waiting => waiting.Count;

    /// <summary>The most that it ever had at once.</summary>
    public int Most => Volatile.Read(ref most);

    public IEnumerable<string> Seen => pod.Seen;

    public IPEndPoint EndPoint => pod.EndPoint;

    public static async Task<GatedPod> StartAsync(IPEndPoint? endpoint = null)
    {
        var gated = new GatedPod();
        gated.pod = await StubPod.StartAsync(gated.ServeAsync, HttpProtocols.Http1, endpoint);
        return gated;
    }

    public Task HasAsync(int count) => Eventually.TrueAsync(() => Waiting == count);

    /// <summary>Lets the first ones go, with this status.</summary>
    public void Answer(int count, int status = StatusCodes.Status200OK)
    {
        for (var i = 0; i < count && waiting.TryDequeue(out var request); i++)
        {
            request.SetResult(status);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Answer(int.MaxValue);
        await pod.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext context)
    {
        var gate = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting.Enqueue(gate);
        InterlockedMax(ref most, waiting.Count);
        context.Response.StatusCode = await gate.Task.WaitAsync(context.RequestAborted);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); seen < value;)
        {
            var before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }
}
