using System.Globalization;
using System.Threading.Channels;
using StackExchange.Redis;
using Wakegate.Contracts.Ledger;
using Wakegate.Testing.Ledger;

namespace Wakegate.Contracts.Tests.Ledger;

/// <summary>What stands in Redis, seen by somebody else.</summary>
internal sealed class RedisLook(ConnectionMultiplexer redis, ChannelReader<LedgerMessage> messages) : IAsyncDisposable
{
    private readonly LedgerKeys keys = new("{wakegate}");
    private readonly IDatabase database = redis.GetDatabase();

    public static async Task<RedisLook> StartAsync(string address)
    {
        var redis = await ConnectionMultiplexer.ConnectAsync($"{address},allowAdmin=true");
        var messages = Channel.CreateUnbounded<LedgerMessage>();
        var subscription = await redis.GetSubscriber().SubscribeAsync(RedisChannel.Literal("{wakegate}:changes"));
        subscription.OnMessage(message => messages.Writer.TryWrite(LedgerMessage.Parse(message.Message.ToString())!));
        return new(redis, messages.Reader);
    }

    /// <summary>The next message of this kind.</summary>
    public async Task<LedgerMessage> MessageAsync(Predicate<LedgerMessage> wanted)
    {
        while (true)
        {
            var message = await messages.ReadAsync(TestContext.Current.CancellationToken);
            if (wanted(message))
                return message;
        }
    }

    public async Task<RouteRecord?> RecordAsync(LedgerHost replica, string name)
    {
        var text = await database.HashGetAsync(Hash(replica), LedgerHost.Route(name).ToString());
        return text.HasValue && RouteRecord.TryParse(text.ToString(), out var record) ? record : null;
    }

    public async Task<long> SequenceAsync(LedgerHost replica)
    {
        var text = await database.HashGetAsync(Hash(replica), LedgerKeys.Header);
        return ReplicaHeader.TryParse(text.ToString(), out var header) ? header.Sequence : 0;
    }

    public Task<long> FieldsAsync(LedgerHost replica) => database.HashLengthAsync(Hash(replica));

    public Task<bool> ExistsAsync(LedgerHost replica) => database.KeyExistsAsync(Hash(replica));

    /// <summary>Zero where there is none, which must never be.</summary>
    public async Task<TimeSpan> LeaseAsync(LedgerHost replica) => await database.KeyTimeToLiveAsync(Hash(replica)) ?? TimeSpan.Zero;

    public Task<long> ListedAsync() => database.SortedSetLengthAsync(keys.Replicas);

    public async Task<string?> EpochAsync() => await database.StringGetAsync(keys.Epoch);

    /// <summary>All that Redis was ever asked.</summary>
    public async Task<long> CommandsAsync()
    {
        var info = (await database.ExecuteAsync("INFO", "stats")).ToString();
        var line = info.Split('\n').First(text => text.StartsWith("total_commands_processed:", StringComparison.Ordinal));
        return long.Parse(line.Split(':')[1], CultureInfo.InvariantCulture);
    }

    public ValueTask DisposeAsync() => redis.DisposeAsync();

    private RedisKey Hash(LedgerHost replica) => keys.Replica(replica.Writer.ReplicaId);
}
