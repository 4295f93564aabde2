using System.Globalization;
using StackExchange.Redis;

namespace Wakegate.Contracts.Ledger;

/// <summary>One replica's hash as a full read found it.</summary>
internal sealed record ReplicaImage(string Id, ReplicaHeader Header, long LeaseEnd, IReadOnlyList<(string Route, RouteRecord Record)> Records);

/// <summary>All of the ledger, as a full read found it: only replicas whose hash is there.</summary>
/// <param name="Identity">Redis's identity, and when it was set.</param>
/// <param name="IdentitySet">In Redis ms.</param>
/// <param name="Replicas">Those that hold a lease.</param>
internal sealed record LedgerImage(string Identity, long IdentitySet, IReadOnlyList<ReplicaImage> Replicas)
{
    /// <summary>Reads it, in two round trips however many replicas there are.</summary>
    /// <param name="redis">Where.</param>
    /// <param name="keys">Which.</param>
    /// <param name="clock">Is set as well.</param>
    /// <param name="known">Replicas that are looked for although no list may mention them.</param>
    public static async Task<LedgerImage> ReadAsync(IConnectionMultiplexer redis, LedgerKeys keys, RedisClock clock, IEnumerable<string> known)
    {
        await clock.SynchronizeAsync(redis, keys);
        var database = redis.GetDatabase();
        var identity = FormattableString.Invariant($"{Guid.NewGuid():N} {clock.Now}");
        var set = database.StringSetAsync(keys.Epoch, identity, when: When.NotExists);
        var epoch = database.StringGetAsync(keys.Epoch);
        var listed = database.SortedSetRangeByRankAsync(keys.Replicas);
        await Task.WhenAll(set, epoch, listed);

        var ids = (await listed).Select(id => id.ToString()).Union(known, StringComparer.Ordinal).ToArray();
        var replicas = await Task.WhenAll(ids.Select(id => ReadReplicaAsync(database, keys, id, clock)));
        var columns = (await epoch).ToString().Split(' ');
        var age = columns.Length > 1 && long.TryParse(columns[1], NumberStyles.Integer, CultureInfo.InvariantCulture, out var at) ? at : clock.Now;
        return new(columns[0], age, [.. replicas.OfType<ReplicaImage>()]);
    }

    private static async Task<ReplicaImage?> ReadReplicaAsync(IDatabase database, LedgerKeys keys, string id, RedisClock clock)
    {
        var lease = database.KeyTimeToLiveAsync(keys.Replica(id));
        var fields = await database.HashGetAllAsync(keys.Replica(id));
        var left = await lease;
        var header = fields.FirstOrDefault(field => field.Name == LedgerKeys.Header).Value.ToString();
        return ReplicaHeader.TryParse(header, out var parsed)
            ? new(id, parsed, clock.Now + (long)(left ?? TimeSpan.Zero).TotalMilliseconds, parsed.Readable ? [.. Records(fields)] : [])
            : null;
    }

    private static IEnumerable<(string Route, RouteRecord Record)> Records(HashEntry[] fields)
    {
        foreach (var field in fields)
        {
            if (field.Name != LedgerKeys.Header && RouteRecord.TryParse(field.Value.ToString(), out var record))
                yield return (field.Name.ToString(), record);
        }
    }
}
