using Microsoft.Extensions.DependencyInjection;
using Wakegate.Contracts.Ledger;
using Wakegate.Testing;
using Wakegate.Testing.Redis;

namespace Wakegate.Interceptor.Tests;

/// <summary>Two interceptors that know each other by the ledger.</summary>
public class ReplicaTests
{
    private const int Concurrency = 5;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task PodConcurrency_IsSharedAndGoesToTheOneThatStays()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var pod = await GatedPod.StartAsync();
        var shop = Trigger.Shop(("podConcurrency", $"{Concurrency}"));
        string[] settings = [$"--Redis:ConnectionString={redis.Address}", $"--Redis:KeyPrefix={{{Guid.NewGuid():N}}}"];
        await using var one = await InterceptorApp.StartAsync(settings, shop);
        var other = await InterceptorApp.StartAsync(settings, shop);
        await KnowAsync(2, one, other);
        var held = new[] { one, other }.SelectMany(app => Enumerable.Range(0, 2 * Concurrency).Select(_ => AskAsync(app))).ToList();
        await one.HeldAsync(2 * Concurrency);
        await other.HeldAsync(2 * Concurrency);

        await one.ReadyAsync(pod.EndPoint);
        await other.ReadyAsync(pod.EndPoint);
        await pod.HasAsync(Concurrency);
        Assert.InRange(one.Route().Pods.All[0].InFlight, Concurrency / 2, (Concurrency / 2) + 1);
        Assert.InRange(other.Route().Pods.All[0].InFlight, Concurrency / 2, (Concurrency / 2) + 1);
        await Eventually.TrueAsync(() =>
        {
            pod.Answer(Concurrency);
            return held.TrueForAll(h => h.IsCompleted);
        });
        Assert.Equal(Concurrency, pod.Most);

        await other.DisposeAsync();
        await KnowAsync(1, one);
        var alone = Enumerable.Range(0, 2 * Concurrency).Select(_ => AskAsync(one)).ToList();
        await pod.HasAsync(Concurrency);
        await one.HeldAsync(Concurrency);
        await Eventually.TrueAsync(() =>
        {
            pod.Answer(Concurrency);
            return alone.TrueForAll(h => h.IsCompleted);
        });
        Assert.Equal(Concurrency, pod.Most);
    }

    private static Task<HttpResponseMessage> AskAsync(InterceptorApp app) => app.Client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), Cancellation);

    /// <summary>Lets heartbeats go by until each knows so many.</summary>
    private static Task KnowAsync(int replicas, params InterceptorApp[] apps) => Eventually.TrueAsync(() =>
    {
        foreach (var app in apps)
        {
            app.Clock.Advance(TimeSpan.FromMilliseconds(100));
        }

        return Array.TrueForAll(apps, a => a.Services.GetRequiredService<LedgerWriter>().Replicas.Count == replicas);
    });
}
