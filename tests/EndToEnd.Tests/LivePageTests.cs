using Wakegate.EndToEnd.Tests.Live;
using Wakegate.Testing.Redis;
using static Microsoft.Playwright.Assertions;

namespace Wakegate.EndToEnd.Tests;

/// <summary>What a person sees on the live page while things happen, in a real browser.</summary>
public sealed class LivePageTests(Chromium chromium)
{
    private const string Shop = "default/shop/shop";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact(Timeout = 180_000)]
    public async Task ColdStart_IsSeenFromZeroToReady()
    {
        await using var system = await LiveSystem.StartAsync(Workload.Shop with { IsReadyByItself = false });
        await using var page = await chromium.OpenAsync(system.Cluster.Interceptors[0].Admin!);
        var row = page.Row(Shop);
        await Expect(row).ToHaveAttributeAsync("data-state", "zero");
        await Expect(row.Locator(".state")).ToHaveTextAsync("At zero");

        var answer = system.GetAsync("http://shop.localhost/basket?token=secret");
        await Expect(row.Locator(".state")).ToHaveTextAsync("Waking");
        await Expect(row.Locator(".held b")).ToHaveTextAsync("1");
        await row.Locator("a").ClickAsync();
        var wake = page.Page.Locator(".wake").First;
        await Expect(wake.Locator(".outcome")).ToHaveTextAsync("waking");
        await Expect(wake.Locator(".cause code")).ToHaveTextAsync("GET shop.localhost/basket");
        await Expect(page.Figure("Waking")).ToHaveTextAsync("1");

        await system.LetPodBeReadyAsync("shop");
        await answer;
        await Expect(wake.Locator(".outcome")).ToHaveTextAsync("served");
        var steps = await wake.Locator(".steps li").AllTextContentsAsync();
        await Expect(page.Page.Locator("[data-part=Pods] tbody tr")).ToHaveCountAsync(1);
        await Expect(page.Page.Locator("#route .badge")).ToHaveTextAsync("Ready");
        await page.Page.GoBackAsync();

        await Expect(row.Locator(".state")).ToHaveTextAsync("Ready");
        Assert.StartsWith("served after ", await row.Locator(".cold .bar").GetAttributeAsync("aria-label"), StringComparison.Ordinal);
        Assert.Equal(["signalled", "scheduled", "started", "ready", "released"], steps.Select(step => step.Split(' ')[0]));
        page.AssertNoComplaints();
    }

    [Fact(Timeout = 180_000)]
    public async Task RedisGone_CountsAreItsOwnUntilItIsBack()
    {
        await using var system = await LiveSystem.StartAsync(await RedisServer.StartForFaultsAsync(), Workload.Shop with { IsReadyByItself = false });
        var other = system.ClientOf(await system.Cluster.AddInterceptorAsync(Stop));
        await using var page = await chromium.OpenAsync(system.Cluster.Interceptors[0].Admin!);
        var own = system.GetAsync("http://shop.localhost/own");
        var others = Enumerable.Range(0, 2).Select(_ => other.GetAsync(new Uri("http://shop.localhost/other"), Stop)).ToList();
        var pending = page.Row(Shop).Locator(".pending b");
        await Expect(pending).ToHaveTextAsync("3");
        await Expect(page.Row(Shop).Locator(".held b")).ToHaveTextAsync("1");
        await Expect(page.Total("pending")).ToContainTextAsync("all replicas");
        await Expect(page.Total("interceptors").Locator(".value")).ToHaveTextAsync("2");

        await system.Redis.KillAsync();
        await Expect(page.Trouble("ledger")).ToContainTextAsync("counts of other replicas are not known");
        await Expect(pending).ToHaveTextAsync("1");
        await Expect(page.Total("pending")).ToContainTextAsync("this replica only");
        await system.Redis.RestartAsync();

        await Expect(pending).ToHaveTextAsync("3");
        await Expect(page.Page.Locator("#troubles .trouble")).ToHaveCountAsync(0);
        await Expect(page.Total("pending")).ToContainTextAsync("all replicas");
        await system.LetPodBeReadyAsync("shop");
        await Task.WhenAll(others);
        await own;
        page.AssertNoComplaints();
    }

    [Fact(Timeout = 180_000)]
    public async Task InterceptorRestarted_PageComesBackByItself()
    {
        await using var system = await LiveSystem.StartAsync(Workload.Shop);
        var interceptor = system.Cluster.Interceptors[0];
        await using var page = await chromium.OpenAsync(interceptor.Admin!);
        await Expect(page.Link).ToHaveTextAsync("Live");
        await Expect(page.Row(Shop)).ToBeVisibleAsync();
        var before = await page.Page.Locator("#self").TextContentAsync();

        await interceptor.KillAsync();
        await Expect(page.Trouble("lost")).ToContainTextAsync("The connection to this replica is lost");
        await Expect(page.Row(Shop)).ToBeVisibleAsync();
        await interceptor.StartAsync(Stop);

        await Expect(page.Link).ToHaveTextAsync("Live");
        await Expect(page.Trouble("lost")).ToHaveCountAsync(0);
        await Expect(page.Page.Locator("#self")).Not.ToHaveTextAsync(before!);
        page.AssertNoComplaints();
    }

    [Fact(Timeout = 120_000)]
    public async Task MarkupFromAClient_IsOnlyText()
    {
        const string Markup = "<img src=x onerror=document.title='taken'><svg onload=document.title='taken'>";
        await using var host = await PageHost.StartAsync(routes: 2);
        var held = host.SendAsync(1, $"/{Uri.EscapeDataString(Markup)}", $"User-Agent: {Markup}", $"X-Forwarded-For: {Markup}");
        await using var page = await chromium.OpenAsync(new(host.Address, $"#/route/{PageHost.Id(1)}"));

        var cause = page.Page.Locator(".wake .cause");
        await Expect(cause.Locator("code")).ToHaveTextAsync($"GET route-0001.test/{Markup}");
        await Expect(cause.Locator("small")).ToHaveTextAsync($"from {Markup} · {Markup}");
        await host.WakeAsync();
        await held;
        await Expect(page.Page.Locator(".wake .outcome")).ToHaveTextAsync("served");

        await Expect(page.Page.Locator("main img, main script")).ToHaveCountAsync(0);
        await Expect(page.Page).ToHaveTitleAsync("route-0001 · Wakegate");
        page.AssertNoComplaints();
    }
}
