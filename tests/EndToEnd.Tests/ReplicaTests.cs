using Wakegate.EndToEnd.Tests.Live;

namespace Wakegate.EndToEnd.Tests;

/// <summary>Two interceptors, of which one crashes.</summary>
public sealed class ReplicaTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task KilledInterceptor_TakesItsCountsWithItAndNothingElse()
    {
        await using var system = await LiveSystem.StartAsync(Workload.Shop with { IsReadyByItself = false });
        var doomed = await system.Cluster.AddInterceptorAsync(Stop);
        var staying = Enumerable.Range(0, 3).Select(number => system.GetAsync($"http://shop.localhost/{number}")).ToList();
        var client = system.ClientOf(doomed);
        var leaving = Enumerable.Range(0, 2).Select(_ => client.GetAsync(new Uri("http://shop.localhost/doomed"), Stop)).ToList();
        await system.Scaler.SaysAsync("shop", 5);
        await system.ScaledAsync("shop", 1);

        await doomed.KillAsync();
        await system.Scaler.SaysAsync("shop", 3);
        var stillHeld = staying.Count(request => !request.IsCompleted);
        await system.LetPodBeReadyAsync("shop");
        var echoes = await Task.WhenAll(staying);

        Assert.Equal(3, stillHeld);
        Assert.Equal(["/0", "/1", "/2"], echoes.Select(echo => echo.Path));
        Assert.Equal([1L, 2L, 3L], echoes.Select(echo => echo.Number).Order());
        await Assert.AllAsync(leaving, async request => await Assert.ThrowsAsync<HttpRequestException>(() => request));
    }
}
