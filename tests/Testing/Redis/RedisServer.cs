using Xunit;

namespace Wakegate.Testing.Redis;

/// <summary>
/// A real Redis on loopback that a test has to itself and may treat badly. Where a test does not ask for a kind: the one at
/// <c>WAKEGATE_TEST_REDIS</c> (host:port), else a container where Docker answers, else <c>redis-server</c>, else Garnet.
/// </summary>
public sealed class RedisServer : IAsyncDisposable
{
    private static int announced;
    private readonly IRedisInstance instance;

    private RedisServer(IRedisInstance instance) => this.instance = instance;

    /// <summary><c>host:port</c>; stays the same when it restarts.</summary>
    public string Address => instance.Address;

    /// <summary>Starts whichever there is, and says once which.</summary>
    public static async Task<RedisServer> StartAsync()
    {
        var (instance, name) = await FindAsync();
        if (Interlocked.Exchange(ref announced, 1) == 0)
            await Console.Out.WriteLineAsync($"Redis for tests: {name}");

        return new(instance);
    }

    /// <summary>Starts one of this kind. Where there is none the test is skipped; under CI it fails, since both are required there.</summary>
    public static async Task<RedisServer> StartAsync(RedisKind kind)
    {
        var missing = RedisProcess.WhyMissing(kind);
        if (missing is not null && Environment.GetEnvironmentVariable("CI") != "true")
            Assert.Skip(missing);

        Assert.True(missing is null, missing);
        return new(await RedisProcess.StartAsync(kind));
    }

    /// <summary>Starts one that can be stalled, killed and restarted, which one of somebody else's cannot.</summary>
    public static async Task<RedisServer> StartForFaultsAsync()
    {
        var server = await StartAsync();
        Assert.SkipWhen(server.instance is ForeignRedis, "The Redis at WAKEGATE_TEST_REDIS is not ours to stop.");
        return server;
    }

    /// <summary>It goes on listening, and answers nothing.</summary>
    public Task StallAsync() => instance.StallAsync();

    /// <summary>It answers again, first what it was asked meanwhile.</summary>
    public Task ResumeAsync() => instance.ResumeAsync();

    /// <summary>It ends at once, with all it holds.</summary>
    public Task KillAsync() => instance.KillAsync();

    /// <summary>It is there again after a kill, or ends and is there again: empty, at the same address.</summary>
    public async Task RestartAsync()
    {
        await instance.KillAsync();
        await instance.StartAsync();
    }

    /// <summary>It forgets everything.</summary>
    public Task FlushAsync() => RedisWire.AskAsync(Address, "FLUSHALL");

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => instance.DisposeAsync();

    private static async Task<(IRedisInstance Instance, string Name)> FindAsync()
    {
        if (Environment.GetEnvironmentVariable("WAKEGATE_TEST_REDIS") is { Length: > 0 } address)
            return (new ForeignRedis(address), $"{address}, from WAKEGATE_TEST_REDIS");

        if (await RedisContainerInstance.TryStartAsync() is { } container)
            return (container, $"a container, {RedisContainerInstance.Image}");

        var kind = RedisProcess.WhyMissing(RedisKind.RedisServer) is null ? RedisKind.RedisServer : RedisKind.Garnet;
        Assert.True(RedisProcess.WhyMissing(kind) is null, "There is no Redis for tests: install redis-server, run `dotnet tool restore`, start Docker, or set WAKEGATE_TEST_REDIS.");
        return (await RedisProcess.StartAsync(kind), kind == RedisKind.Garnet ? "garnet-server" : "redis-server");
    }
}
