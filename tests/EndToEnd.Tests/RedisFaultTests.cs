using Wakegate.EndToEnd.Tests.Live;

namespace Wakegate.EndToEnd.Tests;

/// <summary>
/// Redis in trouble while requests flow. With one pod at most, an answer from another pod would show that the workload was at zero in
/// between.
/// </summary>
public sealed class RedisFaultTests(SharedSystem shared) : IClassFixture<SharedSystem>
{
    private const int Clients = 4;

    [Fact(Timeout = 120_000)]
    public Task RestartedEmpty_IsFilledAgain() => SurvivesAsync(async (system, load) =>
    {
        await system.Redis.RestartAsync();
        await load.AnswersAsync(Clients);
    });

    [Fact(Timeout = 120_000)]
    public Task Flushed_IsFilledAgainAndDistrustedMeanwhile() => SurvivesAsync(async (system, _) =>
    {
        // Begun before: the doubt lasts no longer than a lease.
        var doubted = system.Scaler.SaysAsync("shop", null);
        await system.Redis.FlushAsync();
        await doubted;
    });

    [Fact(Timeout = 120_000)]
    public Task Stalled_IsDistrustedUntilItIsBack() => SurvivesAsync(async (system, load) =>
    {
        await system.Redis.StallAsync();
        await system.Scaler.SaysAsync("shop", null);
        await load.AnswersAsync(5 * Clients);
        await system.Redis.ResumeAsync();
    });

    [Fact(Timeout = 120_000)]
    public Task Gone_IsDistrustedUntilItIsBack() => SurvivesAsync(async (system, load) =>
    {
        await system.Redis.KillAsync();
        await system.Scaler.SaysAsync("shop", null);
        await load.AnswersAsync(5 * Clients);
        await system.Redis.RestartAsync();
    });

    [Fact(Timeout = 120_000)]
    public Task ScalerBackBeforeTheInterceptor_WaitsForIt() => SurvivesAsync(async (system, load) =>
    {
        await system.Redis.KillAsync();
        await system.Scaler.SaysAsync("shop", null);
        await system.Cluster.Interceptors[0].StallAsync();
        await system.Redis.RestartAsync();
        await system.ScalerReadsRedisAsync();

        var alone = await system.Scaler.PendingAsync("shop");
        await system.Cluster.Interceptors[0].ResumeAsync();
        await load.AnswersAsync(Clients);

        Assert.Null(alone);
    });

    private async Task SurvivesAsync(Func<LiveSystem, Load, Task> trouble)
    {
        var system = await shared.GetAsync();
        await using var load = await Load.StartAsync(system.Client, "http://shop.localhost/delay/100", Clients);
        await system.Scaler.SaysAsync("shop", Clients);

        using var over = new CancellationTokenSource();
        var listening = system.Scaler.ListenAsync("shop", over.Token);
        await trouble(system, load);
        await system.Scaler.SaysAsync("shop", Clients);
        await over.CancelAsync();
        var said = await listening;
        await load.StopAsync();
        await system.Scaler.SaysAsync("shop", 0);
        await system.ScaledAsync("shop", 0);

        Assert.Empty(load.Failures);
        Assert.Single(load.Pods);
        Assert.NotEmpty(said);
        Assert.DoesNotContain(0, said);
        Assert.Empty(system.Cluster.ContractViolations);
    }
}
