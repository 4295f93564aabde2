using StackExchange.Redis;
using Wakegate.Contracts.Ledger;
using Wakegate.Testing;
using Wakegate.Testing.Ledger;
using Wakegate.Testing.Redis;

namespace Wakegate.Contracts.Tests.Ledger;

/// <summary>An interceptor and a scaler that are a release apart. What is written out here is what other releases write and read.</summary>
public class VersionSkewTests
{
    private const string Route = "store/shop/shop";

    [Fact]
    public void FormatOfToday_IsThis()
    {
        var keys = new LedgerKeys("{wakegate}");
        var header = new ReplicaHeader(1, 1_795_468_100_000, 7, 10_000, 1_795_468_148_300).ToString();
        HashEntry[] changes = [new(Route, new RouteRecord(3, 2, 1, 123_456, 42, 1_795_468_148_281, 1_795_468_148_300, 1_795_468_148_123).ToString())];

        Assert.Equal("{wakegate}:epoch", keys.Epoch);
        Assert.Equal("{wakegate}:replicas", keys.Replicas);
        Assert.Equal("{wakegate}:replica:pod-1", keys.Replica("pod-1"));
        Assert.Equal("{wakegate}:changes", keys.Changes.ToString());
        Assert.Equal("h", LedgerKeys.Header);
        Assert.Equal(1, ReplicaHeader.CurrentVersion);
        Assert.Equal("pod-1 1 1795468100000 7 10000 1795468148300\n3 2 1 123456 42 1795468148281 1795468148300 1795468148123\tstore/shop/shop", LedgerMessage.Format("pod-1", header, changes));
        Assert.Equal(Route, LedgerHost.Route("shop").ToString());
    }

    [Fact(Timeout = 60_000)]
    public async Task WriterOfToday_WritesThatToRedis()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var interceptor = await LedgerHost.StartWriterAsync(redis.Address);
        await using var other = await ConnectionMultiplexer.ConnectAsync(redis.Address);
        interceptor.Track("shop").Enter();

        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        await Eventually.TrueAsync(async () =>
        {
            fields = (await other.GetDatabase().HashGetAllAsync($"{{wakegate}}:replica:{interceptor.Writer.ReplicaId}"))
                .ToDictionary(f => f.Name.ToString(), f => f.Value.ToString(), StringComparer.Ordinal);
            return fields.ContainsKey(Route);
        });

        Assert.Equal(["h", Route], fields.Keys.Order(StringComparer.Ordinal));
        Assert.Matches(@"^1 \d{13} \d+ \d+ \d{13}$", fields["h"]);
        Assert.Matches(@"^\d+ \d+ \d+ \d+ 1 \d{13} \d{13} \d{13}$", fields[Route]);
        Assert.Matches(@"^[0-9a-f]{32} \d{13}$", (await other.GetDatabase().StringGetAsync("{wakegate}:epoch")).ToString());
        Assert.NotNull(await other.GetDatabase().SortedSetScoreAsync("{wakegate}:replicas", interceptor.Writer.ReplicaId));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("1 {0} 5 60000", "3 0 0 1000 3 {0} {0}")]
    [InlineData("1 {0} 5 60000", "3 0 0 1000 3 {0} {0} {0}")]
    [InlineData("1 {0} 5 60000 {0}", "3 0 0 1000 3 {0} {0} {0}")]
    [InlineData("1 {0} 5 60000 {0} zone-a 17", "3 0 0 1000 3 {0} {0} {0} 99 what-ever")]
    public async Task InterceptorOfThisFormatWithMoreInIt_IsRead(string header, string record)
    {
        await using var redis = await RedisServer.StartAsync();
        await WriteAsync(redis, "other", header, record);
        await using var scaler = await LedgerHost.StartReaderAsync(redis.Address);

        await Eventually.TrueAsync(() => scaler.Reader.Find(LedgerHost.Route("shop")).Pending == 3);
        await Eventually.TrueAsync(() => scaler.Reader.Trust.Trusted);
    }

    [Fact(Timeout = 60_000)]
    public async Task InterceptorOfANewerFormat_MakesTheScalerDoubtZerosAndSayWhy()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var scaler = await LedgerHost.StartReaderAsync(redis.Address);
        await WriteAsync(redis, "same", "1 {0} 5 60000", "3 0 0 1000 3 {0} {0}");

        await WriteAsync(redis, "newer", "2 {{\"lease\":60000}}", "in-flight=4");
        var trust = default(LedgerTrust);
        await Eventually.TrueAsync(() => (trust = scaler.Reader.Trust).Doubt == LedgerDoubt.NewerFormat);

        Assert.Equal("An interceptor of a newer version reports in a format that this scaler cannot read: upgrade the scaler.", trust.ToString());
        await Eventually.TrueAsync(() => scaler.Reader.Find(LedgerHost.Route("shop")).Pending == 3);
    }

    /// <summary>As an interceptor of another release would: hash, lease, list and message in one transaction.</summary>
    private static async Task WriteAsync(RedisServer redis, string replica, string header, string record)
    {
        await using var other = await ConnectionMultiplexer.ConnectAsync(redis.Address);
        var database = other.GetDatabase();
        var now = ((DateTimeOffset)await other.GetServers()[0].TimeAsync()).ToUnixTimeMilliseconds();
        var (h, r) = (string.Format(System.Globalization.CultureInfo.InvariantCulture, header, now), string.Format(System.Globalization.CultureInfo.InvariantCulture, record, now));
        var key = $"{{wakegate}}:replica:{replica}";
        var transaction = database.CreateTransaction();
        _ = transaction.StringSetAsync("{wakegate}:epoch", $"0123456789abcdef0123456789abcdef {now - 100_000}");
        _ = transaction.HashSetAsync(key, [new("h", h), new(Route, r), new("later/one/one", "not a record")]);
        _ = transaction.KeyExpireAsync(key, TimeSpan.FromMinutes(1));
        _ = transaction.SortedSetAddAsync("{wakegate}:replicas", replica, now + 60_000);
        _ = transaction.PublishAsync(RedisChannel.Literal("{wakegate}:changes"), $"{replica} {h}\n{r}\t{Route}");
        Assert.True(await transaction.ExecuteAsync());
    }
}
