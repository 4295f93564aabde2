using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;
using Wakegate.Contracts.Ledger;
using Wakegate.Testing;
using Wakegate.Testing.Ledger;
using Wakegate.Testing.Redis;

namespace Wakegate.Contracts.Tests.Ledger;

public class LedgerGlimpseTests
{
    [Fact(Timeout = 60_000)]
    public async Task LookedAt_ShowsAllReplicas()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var other = await LedgerHost.StartWriterAsync(redis.Address);
        await using var looker = await LedgerHost.StartGlimpseOnAsync(TimeProvider.System, redis.Address);
        var ledger = looker.Services.GetRequiredService<LedgerGlimpse>();
        other.Track("shop").Enter();

        await Eventually.TrueAsync(() => ledger.Look()?.Busy.SequenceEqual([("store/shop/shop", 1)]) ?? false);

        Assert.True(ledger.Reading);
    }

    [Fact(Timeout = 60_000)]
    public async Task NoLongerLookedAt_IsNoLongerRead()
    {
        var clock = new FakeTimeProvider();
        await using var redis = await RedisServer.StartAsync();
        await using var looker = await LedgerHost.StartGlimpseOnAsync(clock, redis.Address);
        await using var client = await ConnectionMultiplexer.ConnectAsync(redis.Address);
        var ledger = looker.Services.GetRequiredService<LedgerGlimpse>();
        var changes = looker.Services.GetRequiredService<RedisConnection>().Keys.Changes;
        Task<long> SubscribersAsync() => client.GetServers()[0].SubscriptionSubscriberCountAsync(changes);

        await Eventually.TrueAsync(async () => ledger.Look() is not null && await SubscribersAsync() == 1);
        await Eventually.TrueAsync(() =>
        {
            // It may still be on its way to its timer, which then counts from after the step.
            clock.Advance(TimeSpan.FromSeconds(11));
            return !ledger.Reading;
        });
        await Eventually.TrueAsync(async () => await SubscribersAsync() == 0);
        await Eventually.TrueAsync(async () => ledger.Look() is not null && await SubscribersAsync() == 1);

        Assert.True(ledger.Reading);
    }

    [Fact(Timeout = 60_000)]
    public async Task LookedAtWhileRedisWasAway_LeavesNoSubscriptionBehind()
    {
        var clock = new FakeTimeProvider();
        await using var redis = await RedisServer.StartForFaultsAsync();
        await redis.KillAsync();
        await using var looker = await LedgerHost.StartGlimpseOnAsync(clock, redis.Address);
        var ledger = looker.Services.GetRequiredService<LedgerGlimpse>();
        var changes = looker.Services.GetRequiredService<RedisConnection>().Keys.Changes;
        await Eventually.TrueAsync(() => ledger.Look()?.Attempted.IsCompleted ?? false);

        await redis.RestartAsync();
        await using var client = await ConnectionMultiplexer.ConnectAsync(redis.Address);
        await Eventually.TrueAsync(() =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            return ledger.Look()?.Age is not null;
        });
        var subscribers = await client.GetServers()[0].SubscriptionSubscriberCountAsync(changes);
        await Eventually.TrueAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(11));
            return !ledger.Reading;
        });

        Assert.Equal(1, subscribers);
        await Eventually.TrueAsync(async () => await client.GetServers()[0].SubscriptionSubscriberCountAsync(changes) == 0);
    }
}
