using System.Net.Sockets;
using System.Runtime.CompilerServices;
using k8s;
using Microsoft.Extensions.DependencyInjection;
using Wakegate.Contracts.Sockets;
using Wakegate.Interceptor.Forwarding;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

/// <summary>What goes on where with what sockets bring. All tests of this project run as the interceptor does.</summary>
public sealed class SocketThreadTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [ModuleInitializer]
    internal static void AsTheInterceptor()
    {
        SocketThreads.CompleteInline();
        PodWindows.Limit();
    }

    [Theory(Timeout = 60_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reader_GoesOnWithTheSocketsThreadUnlessPooled(bool pooled)
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new SocketServer(async (socket, stop) =>
        {
            using (socket)
            {
                await asked.Task.WaitAsync(stop);
                await socket.SendAsync(new byte[1], stop);
                await socket.ReceiveAsync(new byte[1], stop);
            }
        });
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(server.EndPoint, Stop);
        await using var stream = pooled ? new PooledStream(client) : new NetworkStream(client, ownsSocket: true);

        var read = EndsOnPoolAsync(stream.ReadExactlyAsync(new byte[1], Stop));
        asked.SetResult();

        Assert.Equal(pooled, await read);
    }

    [Fact(Timeout = 60_000)]
    public async Task KubernetesClient_WhichBlocks_GoesOnWithThePool()
    {
        await using var app = await InterceptorApp.StartAsync();

        var list = app.Services.GetRequiredService<Kubernetes>().CoreV1.ListNamespacedServiceAsync("store", cancellationToken: Stop);

        Assert.True(await EndsOnPoolAsync(new(list)));
    }

    private static async Task<bool> EndsOnPoolAsync(ValueTask task)
    {
        await task.ConfigureAwait(false);
        return Thread.CurrentThread.IsThreadPoolThread;
    }
}
