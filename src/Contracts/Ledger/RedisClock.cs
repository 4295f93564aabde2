using StackExchange.Redis;

namespace Wakegate.Contracts.Ledger;

/// <summary>
/// Redis's clock, which all replicas share, read without asking: our own monotonic clock and how far it was off when Redis was last asked.
/// </summary>
internal sealed class RedisClock(TimeProvider clock)
{
    private readonly long origin = clock.GetTimestamp();
    private long offset;

    /// <summary>Milliseconds since 1970 by Redis; means nothing before <see cref="IsSet"/>.</summary>
    public long Now => Elapsed + Volatile.Read(ref offset);

    /// <summary>Whether Redis was ever asked.</summary>
    public bool IsSet => Volatile.Read(ref offset) != 0;

    /// <summary>When this was made, by Redis's clock.</summary>
    public long Origin => Volatile.Read(ref offset);

    private long Elapsed => (long)clock.GetElapsedTime(origin).TotalMilliseconds;

    /// <summary>Asks the server that has the ledger's keys.</summary>
    public async Task SynchronizeAsync(IConnectionMultiplexer redis, LedgerKeys keys)
    {
        var asked = Elapsed;
        var server = await ServerAsync(redis, keys);
        var time = await server.TimeAsync();
        var answered = Elapsed;
        Set(new DateTimeOffset(time, TimeSpan.Zero).ToUnixTimeMilliseconds(), (asked + answered) / 2);
    }

    /// <summary>What Redis's clock says now.</summary>
    public void Set(long now) => Set(now, Elapsed);

    private void Set(long now, long elapsed) => Volatile.Write(ref offset, now - elapsed);

    private static async Task<IServer> ServerAsync(IConnectionMultiplexer redis, LedgerKeys keys)
    {
        try
        {
            return redis.GetServer(keys.Epoch);
        }
        catch (InvalidOperationException never)
        {
            // There has been no connection yet. Why, a command says as it fails.
            await redis.GetDatabase().PingAsync();
            throw new RedisConnectionException(ConnectionFailureType.UnableToConnect, CommandFlags.None, "Redis can be reached only since a moment ago.", never);
        }
    }
}
