using Grpc.Net.Client;
using Wakegate.EndToEnd.Tests.Live;
using Wakegate.Testing.Redis;
using Wakegate.Upstream.Greeting;

namespace Wakegate.EndToEnd.Tests;

/// <summary>The main job: from zero to an answer, back to zero, and again.</summary>
public sealed class LoopTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory(Timeout = 120_000)]
    [InlineData(RedisKind.RedisServer)]
    [InlineData(RedisKind.Garnet)]
    public async Task HttpAtZero_IsHeldAnsweredAndPutToSleepAgain(RedisKind kind)
    {
        await using var system = await LiveSystem.StartAsync(await RedisServer.StartAsync(kind), Workload.Shop);

        // Begun before: it is soon put to sleep again.
        var up = system.ScaledAsync("shop", 1);
        var first = await system.GetAsync("http://shop.localhost/first?a=1");
        await up;
        await system.ScaledAsync("shop", 0);
        var second = await system.GetAsync("http://shop.localhost/second");
        await system.ScaledAsync("shop", 0);

        Assert.Equal(("/first", "?a=1", 1L), (first.Path, first.Query, first.Number));
        Assert.Equal(("/second", 1L), (second.Path, second.Number));
        Assert.NotEqual(first.Pod, second.Pod);
        Assert.Empty(system.Cluster.ContractViolations);
    }

    [Fact(Timeout = 120_000)]
    public async Task GrpcAtZero_IsHeldAnsweredAndPutToSleepAgain()
    {
        await using var system = await LiveSystem.StartAsync(Workload.Greeter);
        using var channel = GrpcChannel.ForAddress("http://greeter.localhost", new GrpcChannelOptions { HttpClient = system.Client });
        var greeter = new Greeter.GreeterClient(channel);

        var reply = await greeter.SayHelloAsync(new HelloRequest { Name = "Ada" }, cancellationToken: Stop);
        await system.ScaledAsync("greeter", 0);
        var chat = await ChatAsync(greeter, "Grace", "Edsger");
        await system.ScaledAsync("greeter", 0);

        Assert.Equal("Hello, Ada", reply.Message);
        Assert.Equal(["Hello, Grace", "Hello, Edsger"], chat.Select(said => said.Message));
        Assert.NotEqual(reply.Pod, chat[0].Pod);
        Assert.Empty(system.Cluster.ContractViolations);
    }

    // Each reply is awaited before the next request is sent: it is a conversation only if both ways flow at once.
    private static async Task<List<HelloReply>> ChatAsync(Greeter.GreeterClient greeter, params IEnumerable<string> names)
    {
        using var chat = greeter.Chat(cancellationToken: Stop);
        var replies = new List<HelloReply>();
        foreach (var name in names)
        {
            await chat.RequestStream.WriteAsync(new HelloRequest { Name = name }, Stop);
            Assert.True(await chat.ResponseStream.MoveNext(Stop));
            replies.Add(chat.ResponseStream.Current);
        }

        await chat.RequestStream.CompleteAsync();
        Assert.False(await chat.ResponseStream.MoveNext(Stop));
        return replies;
    }
}
