using Grpc.Core;
using Wakegate.Testing;
using Wakegate.Testing.Ledger;
using Wakegate.Testing.Redis;

namespace Wakegate.ExternalScaler.Tests;

/// <summary>Redis, a replica with three requests pending on <c>shop</c>, a scaler that trusts them, and KEDA.</summary>
internal sealed class FaultySystem(RedisServer redis, LedgerHost replica, ScalerApp scaler) : IAsyncDisposable
{
    private const int Expected = 3;

    public RedisServer Redis => redis;

    public LedgerHost Replica => replica;

    public KedaPeer Keda { get; } = new(scaler.Grpc);

    public int Pending => scaler.Ledger.Find(LedgerHost.Route("shop")).Pending;

    /// <param name="settings">The replica's.</param>
    public static async Task<FaultySystem> StartAsync(params string[] settings)
    {
        var redis = await RedisServer.StartForFaultsAsync();
        var replica = await LedgerHost.StartWriterAsync(redis.Address, settings);
        var system = new FaultySystem(redis, replica, await ScalerApp.StartAsync(redis.Address));
        for (var request = 0; request < Expected; request++)
            replica.Track("shop").Enter();

        await Eventually.TrueAsync(() => system.Pending == Expected);
        await system.NeverZeroUntilAsync(StatusCode.OK);
        return system;
    }

    /// <summary>Polls as KEDA does until GetMetrics ends so. In between it may fail; what it must not do is say less than there is.</summary>
    public async Task NeverZeroUntilAsync(StatusCode wanted)
    {
        var last = default(StatusCode?);
        await NeverZeroUntilAsync(() => last == wanted, status => last = status);
    }

    /// <inheritdoc cref="NeverZeroUntilAsync(StatusCode)"/>
    public Task NeverZeroUntilAsync(Func<bool> reached) => NeverZeroUntilAsync(reached, _ => { });

    public async ValueTask DisposeAsync()
    {
        Keda.Dispose();
        await scaler.DisposeAsync();
        await replica.DisposeAsync();
        await redis.DisposeAsync();
    }

    private Task NeverZeroUntilAsync(Func<bool> reached, Action<StatusCode> polled) => Eventually.TrueAsync(async () =>
    {
        var shop = KedaPeer.Object("shop");
        var active = await KedaPeer.RefusalAsync(async () => Assert.True((await Keda.Client.IsActiveAsync(shop)).Result, "IsActive said false."));
        var metric = await KedaPeer.RefusalAsync(async () =>
        {
            var value = await Keda.MetricAsync(shop, "wakegate-pending-requests");
            Assert.True(value.MetricValue_ >= Expected, $"GetMetrics said {value.MetricValue_}.");
        });
        Assert.True(active?.StatusCode is null or StatusCode.Unavailable, active?.Detail);
        Assert.True(metric?.StatusCode is null or StatusCode.Unavailable, metric?.Detail);
        polled(metric?.StatusCode ?? StatusCode.OK);
        return reached();
    });
}
