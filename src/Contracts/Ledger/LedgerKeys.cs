using StackExchange.Redis;

namespace Wakegate.Contracts.Ledger;

/// <summary>The ledger's keys in Redis. All share a prefix with a hash tag, so that one transaction can touch them all.</summary>
internal sealed class LedgerKeys(string prefix)
{
    /// <summary>The field of a replica's hash that is no route.</summary>
    public const string Header = "h";

    /// <summary>Redis's identity: <c>guid, Redis ms when set</c>. Whoever comes first sets it; a flush or an empty restart loses it.</summary>
    public RedisKey Epoch { get; } = prefix + ":epoch";

    /// <summary>Sorted set: replica id → end of its lease, in Redis ms.</summary>
    public RedisKey Replicas { get; } = prefix + ":replicas";

    /// <summary>Where every write is published, as a <see cref="LedgerMessage"/>.</summary>
    public RedisChannel Changes { get; } = RedisChannel.Literal(prefix + ":changes");

    /// <summary>One replica's hash: its header, and a record for each route that is not idle. Written by that replica alone.</summary>
    public RedisKey Replica(string id) => $"{prefix}:replica:{id}";
}
