using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Wakegate.Contracts.Ledger;

/// <summary>
/// This replica's hash in Redis, and the only code that writes it. Every write is one transaction that also renews the lease and publishes
/// what changed, and every write looks at the header that the last one left: after a flush, a restart, a lapsed lease, or a lost write
/// that Redis carried out late, it is another, and the hash is written anew.
/// </summary>
/// <param name="id">This replica's.</param>
/// <param name="connection">To Redis.</param>
/// <param name="clock">Redis's, made when the replica started.</param>
/// <param name="options">The lease.</param>
internal sealed class ReplicaHash(string id, RedisConnection connection, RedisClock clock, IOptions<LedgerOptions> options)
{
    private static readonly TimeSpan TrimAfter = TimeSpan.FromMinutes(10);

    private long start;
    private long sequence;
    private RedisValue header;

    /// <summary>False while Redis may hold anything: before the first write, and after one whose outcome is not known or that was not even tried.</summary>
    public bool IsKnown => header.HasValue;

    private LedgerKeys Keys => connection.Keys;

    private RedisKey Key => Keys.Replica(id);

    private long Lease => (long)options.Value.Lease.TotalMilliseconds;

    /// <summary>Something that was to be written may be missing, so that the next write has to be of all.</summary>
    public void Doubt() => header = default;

    /// <summary>Writes what changed. False where the hash turned out not to be what was last written.</summary>
    public async Task<bool> WriteAsync(IDatabase redis, HashEntry[] changed, RedisValue[] idle, bool heartbeat)
    {
        var expected = header;
        var (transaction, next) = Begin(redis);
        var found = transaction.HashGetAsync(Key, LedgerKeys.Header);
        Set(transaction, next, changed);
        // Last: one that changed and is idle for good leaves its totals with the readers, and no record.
        if (idle.Length > 0)
            _ = transaction.HashDeleteAsync(Key, idle, CommandFlags.FireAndForget);
        if (heartbeat)
            Tend(transaction);
        await CommitAsync(transaction);

        header = await found == expected ? next : default;
        return IsKnown;
    }

    /// <summary>Writes all of it, whatever was there.</summary>
    public async Task RewriteAsync(IDatabase redis, HashEntry[] all)
    {
        var (transaction, next) = Begin(redis);
        _ = transaction.KeyDeleteAsync(Key, CommandFlags.FireAndForget);
        Set(transaction, next, all);
        Tend(transaction);
        await CommitAsync(transaction);
        header = next;
    }

    /// <summary>The ids of all replicas whose lease has not ended.</summary>
    public async Task<IEnumerable<string>> LiveReplicasAsync(IDatabase redis) =>
        (await redis.SortedSetRangeByScoreAsync(Keys.Replicas, clock.Now)).Select(id => id.ToString());

    /// <summary>Takes the hash away, and says a last word on what changed, so that its totals are complete.</summary>
    public async Task DeleteAsync(IDatabase redis, HashEntry[] changed)
    {
        var last = Next(lease: 0);
        var transaction = redis.CreateTransaction();
        _ = transaction.KeyDeleteAsync(Key, CommandFlags.FireAndForget);
        _ = transaction.SortedSetRemoveAsync(Keys.Replicas, id, CommandFlags.FireAndForget);
        _ = transaction.PublishAsync(Keys.Changes, LedgerMessage.Format(id, last, changed), CommandFlags.FireAndForget);
        await transaction.ExecuteAsync();
    }

    // From here until the outcome is known, nothing is.
    private (ITransaction Transaction, RedisValue Header) Begin(IDatabase redis)
    {
        header = default;
        start = start == 0 ? clock.Origin : start;
        return (redis.CreateTransaction(), Next(Lease));
    }

    private string Next(long lease) => new ReplicaHeader(ReplicaHeader.CurrentVersion, start, ++sequence, lease, clock.Now).ToString();

    // What all replicas keep together: Redis's identity, and the list of replicas without those long gone.
    private void Tend(ITransaction transaction)
    {
        var identity = FormattableString.Invariant($"{Guid.NewGuid():N} {clock.Now}");
        var gone = clock.Now - (long)TrimAfter.TotalMilliseconds;
        _ = transaction.StringSetAsync(Keys.Epoch, identity, when: When.NotExists, flags: CommandFlags.FireAndForget);
        _ = transaction.SortedSetRemoveRangeByScoreAsync(Keys.Replicas, double.NegativeInfinity, gone, flags: CommandFlags.FireAndForget);
    }

    private void Set(ITransaction transaction, RedisValue next, HashEntry[] records)
    {
        _ = transaction.HashSetAsync(Key, [new(LedgerKeys.Header, next), .. records], CommandFlags.FireAndForget);
        _ = transaction.KeyExpireAsync(Key, options.Value.Lease, CommandFlags.FireAndForget);
        _ = transaction.SortedSetAddAsync(Keys.Replicas, id, clock.Now + Lease, CommandFlags.FireAndForget);
        _ = transaction.PublishAsync(Keys.Changes, LedgerMessage.Format(id, next!, records), CommandFlags.FireAndForget);
    }

    private static async Task CommitAsync(ITransaction transaction)
    {
        if (!await transaction.ExecuteAsync())
            throw new RedisException("Redis did not carry out the transaction.");
    }
}
