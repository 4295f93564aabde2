using System.Net;
using System.Net.Http.Json;
using Wakegate.EndToEnd.Tests.Live;
using Wakegate.Upstream.Http;

namespace Wakegate.EndToEnd.Tests;

/// <summary>A crowd at a closed door.</summary>
public sealed class ManyHeldTests
{
    private const int Crowd = 500;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task FiveHundredHeld_AreEachAnsweredOnceByOnePod()
    {
        await using var system = await LiveSystem.StartAsync(Workload.Shop with { IsReadyByItself = false });

        var answers = Task.WhenAll(Enumerable.Range(1, Crowd).Select(number => PostAsync(system.Client, number)));
        await system.Scaler.SaysAsync("shop", Crowd);
        await system.LetPodBeReadyAsync("shop");
        var echoes = await answers;
        var next = await system.GetAsync("http://shop.localhost/next");

        Assert.Equal(Enumerable.Range(1, Crowd).Select(number => $"/{number}"), echoes.Select(echo => echo.Path));
        Assert.Single(echoes.Select(echo => echo.Pod).Append(next.Pod).Distinct(StringComparer.Ordinal));
        Assert.Equal(Enumerable.Range(1, Crowd).Select(number => (long)number), echoes.Select(echo => echo.Number).Order());
        Assert.Equal(Crowd + 1, next.Number);
    }

    private static async Task<Echo> PostAsync(HttpClient client, int number)
    {
        using var response = await client.PostAsJsonAsync($"http://shop.localhost/{number}", number, Stop);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<Echo>(Stop))!;
    }
}
