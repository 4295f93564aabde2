using Wakegate.EndToEnd.Tests.Live;
using Wakegate.Local.Cluster;
using Wakegate.Testing;
using Wakegate.Testing.Redis;

namespace Wakegate.EndToEnd.Tests;

/// <summary>
/// Every part is restarted in turn under load. With one pod at most, an answer from another pod would show that the workload was at zero in
/// between; and a pod numbers what it answers, so a gap tells of a request that was lost or sent twice.
/// </summary>
public sealed class RollingRestartTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact(Timeout = 300_000)]
    public async Task EveryPartRestarted_NoRequestIsLostAndNoneIsSentTwice()
    {
        var bakery = Workload.Shop with { Name = "bakery", IsReadyByItself = false, Metadata = "holdTimeout: 10m" };
        await using var system = await LiveSystem.StartAsync(
            await RedisServer.StartForFaultsAsync(), scalers: 2, drainDelay: "5s", Workload.Shop, Workload.Greeter, bakery);
        await system.Cluster.AddInterceptorAsync(Stop);
        await using var balancer = new Balancer(system.Cluster.Interceptors);
        await balancer.ReadyAsync(2);
        await using var load = await MixedLoad.StartAsync(balancer);

        foreach (var interceptor in system.Cluster.Interceptors)
            await RestartAsync(interceptor, load);

        // Held over the restart of everything that it waits with.
        var held = system.ClientOf(system.Cluster.Interceptors[0]).GetStringAsync(new Uri("http://bakery.localhost/bread"), Stop);
        await system.Scaler.SaysAsync("bakery", 1);
        foreach (var scaler in system.Cluster.Scalers)
            await RestartAsync(scaler, load);

        await system.Redis.RestartAsync();
        await Eventually.TrueAsync(async () => await system.Scaler.PendingAsync("shop") > 0);
        await load.RoundsAsync(3);
        await system.Cluster.RestartKedaAsync(Stop);
        await load.RoundsAsync(3);
        await system.LetPodBeReadyAsync("bakery");
        var bread = await held;
        await load.StopAsync();
        await system.Scaler.SaysAsync("shop", 0);
        await system.Scaler.SaysAsync("greeter", 0);

        Assert.Contains("\"/bread\"", bread, StringComparison.Ordinal);
        Assert.True(!load.Failures.Any(), string.Join('\n', load.Failures));
        Assert.Single(load.Echoes.Select(echo => echo.Pod).Distinct(StringComparer.Ordinal));
        Assert.Equal(Enumerable.Range(1, load.Echoes.Count).Select(number => (long)number), load.Echoes.Select(echo => echo.Number).Order());
        Assert.Single(load.Greeters);
        Assert.Empty(system.Cluster.ContractViolations);
        await system.ScaledAsync("shop", 0);
    }

    private static async Task RestartAsync(LocalPart part, MixedLoad load)
    {
        var exit = await part.TerminateAsync();
        await load.RoundsAsync(3);
        await part.StartAsync(Stop);
        await load.RoundsAsync(3);
        Assert.Equal((part.Name, 0), (part.Name, exit.Code));
    }
}
