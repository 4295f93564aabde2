namespace Wakegate.Testing.Redis;

/// <summary>Somebody else's: it is used and left alone.</summary>
internal sealed class ForeignRedis(string address) : IRedisInstance
{
    public string Address => address;

    public Task StartAsync() => throw NotOurs();

    public Task StallAsync() => throw NotOurs();

    public Task ResumeAsync() => throw NotOurs();

    public Task KillAsync() => throw NotOurs();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static NotSupportedException NotOurs() => new("This Redis is not ours to stop.");
}
