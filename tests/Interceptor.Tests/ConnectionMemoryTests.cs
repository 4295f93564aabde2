using System.Buffers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Wakegate.Interceptor.Listening;

namespace Wakegate.Interceptor.Tests;

public class ConnectionMemoryTests
{
    private const int KestrelBlock = 4096;

    [Fact(Timeout = 60_000)]
    public async Task BlocksAreLargeWhileFewAreOut_AndKestrelsOwnBeyond()
    {
        await using var server = CreateServer();
        using var pool = server.Services.GetRequiredService<IMemoryPoolFactory<byte>>().Create();

        var large = Rent(pool, ConnectionMemory.MostLarge);
        var small = Rent(pool, 1000);

        Assert.All(large, block => Assert.Equal(ConnectionMemory.LargeBlock, block.Memory.Length));
        Assert.All(small, block => Assert.Equal(KestrelBlock, block.Memory.Length));

        large.ForEach(block => block.Dispose());
        small.ForEach(block => block.Dispose());
        var again = Rent(pool, ConnectionMemory.MostLarge + 1);
        Assert.Equal(large.ToHashSet(), again.SkipLast(1).ToHashSet());
        Assert.Equal(KestrelBlock, again[^1].Memory.Length);
    }

    [Fact(Timeout = 60_000)]
    public async Task ThreadsThatRentAtOnce_GetNoMoreLargeBlocksThanThereAre()
    {
        const int Threads = 4;
        await using var server = CreateServer();
        using var pool = server.Services.GetRequiredService<IMemoryPoolFactory<byte>>().Create();
        using var start = new Barrier(Threads);
        var rented = new List<IMemoryOwner<byte>>[Threads];
        var threads = Enumerable.Range(0, Threads).Select(number => new Thread(() =>
        {
            start.SignalAndWait();
            rented[number] = Rent(pool, ConnectionMemory.MostLarge);
        })).ToList();

        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        var large = rented.SelectMany(blocks => blocks).Where(block => block.Memory.Length == ConnectionMemory.LargeBlock).ToList();
        Assert.Equal(ConnectionMemory.MostLarge, large.Count);
        Assert.Equal(large.Count, large.Distinct().Count());
    }

    [Fact(Timeout = 60_000)]
    public async Task Connections_HaveIt()
    {
        await using var server = CreateServer();
        server.Run(context => context.Response.WriteAsync($"{context.Features.GetRequiredFeature<IMemoryPoolFeature>().MemoryPool}"));
        await server.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient();

        // The first has no socket: it lends its HTTP/2.
        foreach (var address in server.Urls.Skip(1))
        {
            Assert.Equal($"{typeof(ConnectionMemory)}", await client.GetStringAsync(new Uri(address), TestContext.Current.CancellationToken));
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task MoreThanABlock_IsRefusedAsKestrelDoes()
    {
        await using var server = CreateServer();
        using var pool = server.Services.GetRequiredService<IMemoryPoolFactory<byte>>().Create();

        Assert.Equal(KestrelBlock, pool.MaxBufferSize);
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Rent(KestrelBlock + 1));
    }

    [Fact(Timeout = 60_000)]
    public async Task MoreHeldBodiesThanLargeBlocks_PassWhole()
    {
        // Each is received into four, over as many pools as Kestrel has for the port.
        var held = ConnectionMemory.MostLarge / 2 * Math.Min(Environment.ProcessorCount, 16);
        await using var pod = await StubPod.StartAsync(context => context.Request.Body.CopyToAsync(context.Response.Body, context.RequestAborted));
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        var bodies = Enumerable.Range(0, held).Select(number =>
        {
            var body = new byte[100_000];
            new Random(number).NextBytes(body);
            return body;
        }).ToList();
        var answers = bodies.ConvertAll(body => app.Client.SendAsync(
            new(HttpMethod.Post, "http://shop.test/") { Content = new ByteArrayContent(body) }, TestContext.Current.CancellationToken));
        await app.HeldAsync(held);

        await app.ReadyAsync(pod.EndPoint);

        foreach (var (body, answer) in bodies.Zip(answers))
        {
            using var response = await answer;
            Assert.Equal(body, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        }
    }

    /// <summary>One with the interceptor's way to listen, and nothing else of it.</summary>
    private static WebApplication CreateServer()
    {
        var builder = WebApplication.CreateSlimBuilder(["--Listen:Address=127.0.0.1", "--Listen:Port=0", "--Listen:AdminPort=0"]);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.AddListening();
        return builder.Build();
    }

    private static List<IMemoryOwner<byte>> Rent(MemoryPool<byte> pool, int count) => [.. Enumerable.Range(0, count).Select(_ => pool.Rent())];
}
