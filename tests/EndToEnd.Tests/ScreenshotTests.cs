using System.Globalization;
using Microsoft.Playwright;
using Wakegate.EndToEnd.Tests.Live;
using static Microsoft.Playwright.Assertions;

namespace Wakegate.EndToEnd.Tests;

/// <summary>Takes the pictures of the documentation: <c>task screenshots</c>. A system under load, for a minute and a half.</summary>
public sealed class ScreenshotTests(Chromium chromium)
{
    private static readonly TimeSpan Traffic = TimeSpan.FromSeconds(90);

    /// <summary>Names, start-up delays, latencies and clients: as various as workloads are.</summary>
    private static readonly (string Name, string Delay, string Latency, int Clients)[] Busy =
        [("shop", "900ms", "60ms", 9), ("checkout", "2s", "150ms", 5), ("search", "400ms", "30ms", 6), ("images", "3s", "350ms", 8)];

    private static readonly (string Name, string Delay)[] Asleep =
        [("billing", "1500ms"), ("exports", "4s"), ("mailer", "700ms"), ("reports", "2500ms"), ("webhooks", "300ms")];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact(Explicit = true, Timeout = 300_000)]
    public async Task LivePage()
    {
        await using var system = await LiveSystem.StartAsync(
        [
            .. Busy.Select(b => Workload.Shop with { Name = b.Name, StartupDelay = b.Delay, Latency = b.Latency, MaxReplicas = 4 }),
            .. Asleep.Select(a => Workload.Shop with { Name = a.Name, StartupDelay = a.Delay }),
            Workload.Shop with { Name = "preview", IsReadyByItself = false },
        ]);
        system.Client.DefaultRequestHeaders.UserAgent.ParseAdd("Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0");
        await system.Cluster.AddInterceptorAsync(Stop);
        await Task.WhenAll(Asleep.Select(a => system.GetAsync($"http://{a.Name}.localhost/")));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        end.CancelAfter(Traffic + TimeSpan.FromSeconds(60));
        var clients = Busy.SelectMany(b => Enumerable.Range(0, b.Clients).Select(number => ComeAndGoAsync(system.Client, b.Name, number, end.Token))).ToList();
        await Task.Delay(Traffic, TimeProvider.System, Stop);
        var held = Enumerable.Range(0, 7).Select(number => system.Client.GetAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://preview.localhost/page/{number}")), Stop)).ToList();

        await TakeAsync(system, "live-page", "", 1280, 720);
        await TakeAsync(system, "live-page-dark", "", 1280, 720, ColorScheme.Dark);
        await TakeAsync(system, "live-page-phone", "", 390, 780);
        await TakeAsync(system, "live-page-route", "#/route/default/shop/shop", 1280, 900);

        await system.LetPodBeReadyAsync("preview");
        await Task.WhenAll(held);
        await end.CancelAsync();
        await Task.WhenAll(clients);
    }

    private async Task TakeAsync(LiveSystem system, string name, string view, int width, int height, ColorScheme scheme = ColorScheme.Light)
    {
        await using var page = await chromium.OpenAsync(new(system.Cluster.Interceptors[0].Admin!, view), width, height, scheme);
        await Expect(page.Link).ToHaveTextAsync("Live");
        await Expect(view.Length == 0 ? page.Row("default/shop/shop") : page.Figure("Pending")).ToBeVisibleAsync();
        await Expect(page.Page.Locator("#troubles .trouble")).ToHaveCountAsync(0);

        // By then the ledger has been read too.
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, Stop);
        await page.Page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Root, "docs", "images", $"{name}.png") });
    }

    /// <summary>A client that asks, thinks, and now and then stays away.</summary>
    private static async Task ComeAndGoAsync(HttpClient client, string name, int number, CancellationToken end)
    {
        try
        {
            while (true)
            {
                using var answer = await client.GetAsync(new Uri($"http://{name}.localhost/basket"), end);
                var away = Random.Shared.Next(40) == 0 ? 4000 + (number * 1000) : Random.Shared.Next(40, 250);
                await Task.Delay(TimeSpan.FromMilliseconds(away), TimeProvider.System, end);
            }
        }
        catch (OperationCanceledException)
        {
            // The picture is taken.
        }
    }
}
