using Wakegate.EndToEnd.Tests.Live;

namespace Wakegate.EndToEnd.Tests;

/// <summary>The scaler crashes.</summary>
public sealed class ScalerFaultTests
{
    [Fact(Timeout = 120_000)]
    public async Task KilledScaler_StopsNoRequestAndWakesAgainOnceItIsBack()
    {
        await using var system = await LiveSystem.StartAsync(Workload.Shop);
        await using var load = await Load.StartAsync(system.Client, "http://shop.localhost/delay/100", clients: 2);

        await system.Cluster.Scaler.KillAsync();
        await load.AnswersAsync(20);
        await load.StopAsync();
        var withoutScaler = await system.ReplicasAsync("shop");
        await system.Cluster.Scaler.StartAsync(TestContext.Current.CancellationToken);
        await system.ScaledAsync("shop", 0);
        var woken = await system.GetAsync("http://shop.localhost/again");

        Assert.Empty(load.Failures);
        Assert.Equal(1, withoutScaler);
        Assert.DoesNotContain(woken.Pod, load.Pods);
        Assert.Empty(system.Cluster.ContractViolations);
    }
}
