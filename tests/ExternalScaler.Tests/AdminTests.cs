using System.Net;
using Wakegate.Testing;

namespace Wakegate.ExternalScaler.Tests;

public class AdminTests
{
    [Fact(Timeout = 60_000)]
    public async Task RedisAway_LeavesTheScalerLiveAndReady()
    {
        await using var scaler = await ScalerApp.StartAsync("127.0.0.1:1");
        using var client = new HttpClient { BaseAddress = scaler.Admin };

        await Eventually.TrueAsync(async () => (await client.GetAsync("/readyz", TestContext.Current.CancellationToken)).StatusCode == HttpStatusCode.OK);

        Assert.Equal("ok", await client.GetStringAsync("/livez", TestContext.Current.CancellationToken));
    }
}
