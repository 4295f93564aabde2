using System.Net.Sockets;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Wakegate.Contracts.Ledger;
using Wakegate.Contracts.Sockets;
using Wakegate.Testing;

namespace Wakegate.Contracts.Tests.Ledger;

public sealed class RedisConnectionTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task RedisThatSaysNothing_DelaysNoExitAndIsLeftAllTheSame()
    {
        var (reached, left) = (NewSignal(), NewSignal());
        await using var silent = new SocketServer(async (socket, stop) =>
        {
            using (socket)
            {
                reached.TrySetResult();
                while (await socket.ReceiveAsync(new byte[1024], stop) > 0)
                {
                }

                left.TrySetResult();
            }
        });
        var connection = new RedisConnection(Options.Create(At(silent)));
        var opening = connection.OpenAsync(Stop);
        await reached.Task;

        var closing = connection.DisposeAsync();

        Assert.True(closing.IsCompletedSuccessfully);
        Assert.False(opening.IsCompleted);
        await left.Task;
        await closing;
    }

    [Fact(Timeout = 60_000)]
    public async Task Client_WhichMayBlock_ReadsFromAPooledStream()
    {
        await using var server = new SocketServer((socket, _) =>
        {
            socket.Dispose();
            return Task.CompletedTask;
        });
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.EndPoint, Stop);

        await using var stream = await At(server).ToClient().Tunnel!.BeforeAuthenticateAsync(server.EndPoint, ConnectionType.Interactive, socket, Stop);

        Assert.IsType<PooledStream>(stream);
    }

    [Fact(Timeout = 60_000)]
    public async Task RedisThatRefuses_IsSaidToEvenBeforeTheFirstConnection()
    {
        await using var connection = new RedisConnection(Options.Create(new RedisOptions { ConnectionString = "127.0.0.1:1" }));
        var redis = await connection.OpenAsync(Stop);

        var asked = await Record.ExceptionAsync(() => new RedisClock(TimeProvider.System).SynchronizeAsync(redis, connection.Keys));

        Assert.True(RedisConnection.IsFault(asked!));
        Assert.EndsWith("Connection refused", asked!.Message, StringComparison.Ordinal);
    }

    private static RedisOptions At(SocketServer server) => new() { ConnectionString = $"{server.EndPoint}" };

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
