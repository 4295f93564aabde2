using Microsoft.Playwright;
using Wakegate.EndToEnd.Tests.Live;
using static Microsoft.Playwright.Assertions;

namespace Wakegate.EndToEnd.Tests;

/// <summary>The live page of an interceptor with a thousand routes, in a real browser.</summary>
public sealed class ManyRoutesPageTests(Chromium chromium, ManyRoutesPageTests.Thousand thousand) : IClassFixture<ManyRoutesPageTests.Thousand>
{
    private const int Routes = 1000;

    /// <summary>More rows than any screen here has, and far fewer than there are.</summary>
    private const int Most = 50;

    [Fact(Timeout = 120_000)]
    public async Task Scrolled_OnlyRowsInViewAreInTheDocument()
    {
        await using var page = await OpenAsync();
        await Expect(page.Count).ToHaveTextAsync("1,000 routes");
        await Expect(page.Row(PageHost.Id(0))).ToBeVisibleAsync();
        var atFirst = await page.Rows.CountAsync();

        await page.Page.EvaluateAsync("scrollTo(0, document.body.scrollHeight)");
        await Expect(page.Row(PageHost.Id(999))).ToBeInViewportAsync();

        Assert.InRange(atFirst, 5, Most);
        Assert.InRange(await page.Rows.CountAsync(), 5, Most);
        await Expect(page.Page.Locator("#routes")).ToHaveAttributeAsync("aria-rowcount", "1001");
        await Expect(page.Row(PageHost.Id(999))).ToHaveAttributeAsync("aria-rowindex", "1001");
        page.AssertNoComplaints();
    }

    [Fact(Timeout = 120_000)]
    public async Task SearchFilterAndSort_FindARoute()
    {
        await using var page = await OpenAsync();
        await Expect(page.Count).ToHaveTextAsync("1,000 routes");

        await page.Page.Locator("#search").FillAsync("store 0777");
        await Expect(page.Count).ToHaveTextAsync("1 of 1,000 routes");
        await Expect(page.Row(PageHost.Id(777))).ToBeVisibleAsync();

        await page.Page.Locator("#search").FillAsync("");
        await page.Page.Locator(".chip[data-state=ready]").ClickAsync();
        await Expect(page.Count).ToHaveTextAsync("100 of 1,000 routes");
        await page.Page.Locator("th.name button").ClickAsync();
        await page.Page.Locator("th.name button").ClickAsync();

        await Expect(page.Rows.First).ToHaveAttributeAsync("data-id", PageHost.Id(990));
        Assert.EndsWith("#/?state=ready&sort=-name", page.Page.Url, StringComparison.Ordinal);
        page.AssertNoComplaints();
    }

    [Fact(Timeout = 120_000)]
    public async Task Traffic_IsSeenAsItFlows()
    {
        var host = await thousand.GetAsync();
        await using var page = await OpenAsync("#/?sort=rate");
        await Expect(page.Count).ToHaveTextAsync("1,000 routes");

        await host.SendAsync(500, "/");

        // Sorted by it, the route comes to the top.
        await Expect(page.Rows.First).ToHaveAttributeAsync("data-id", PageHost.Id(500));
        await Expect(page.Row(PageHost.Id(500)).Locator(".rate .spark")).ToHaveAttributeAsync("data-busy", "true");
        Assert.InRange(await page.Rows.CountAsync(), 5, Most);
        page.AssertNoComplaints();
    }

    [Fact(Timeout = 120_000)]
    public async Task Keyboard_ReachesARouteAndComesBack()
    {
        await using var page = await OpenAsync("#/?sort=name");
        await Expect(page.Count).ToHaveTextAsync("1,000 routes");
        var keyboard = page.Page.Keyboard;

        await keyboard.PressAsync("/");
        await Expect(page.Page.Locator("#search")).ToBeFocusedAsync();
        await keyboard.PressAsync("ArrowDown");
        await keyboard.PressAsync("End");
        await Expect(page.Row(PageHost.Id(999)).Locator("a")).ToBeFocusedAsync();
        await keyboard.PressAsync("ArrowUp");
        await keyboard.PressAsync("Enter");
        await Expect(page.Page.Locator("#route-title")).ToBeFocusedAsync();
        await Expect(page.Page.Locator("#route-title")).ToContainTextAsync("route-0998");
        await keyboard.PressAsync("Escape");

        await Expect(page.Row(PageHost.Id(998)).Locator("a")).ToBeFocusedAsync();
        await Expect(page.Row(PageHost.Id(998))).ToBeInViewportAsync();
        page.AssertNoComplaints();
    }

    [Fact(Timeout = 120_000)]
    public async Task Phone_NothingIsWiderThanTheScreen()
    {
        await using var page = await OpenAsync("", width: 360, height: 740, touch: true);
        await Expect(page.Count).ToHaveTextAsync("1,000 routes");
        var list = await page.IsTooWideAsync();

        await page.Row(PageHost.Id(0)).TapAsync();
        await Expect(page.Figure("Pending")).ToHaveTextAsync("0");
        var route = await page.IsTooWideAsync();
        await page.Page.GoBackAsync();

        await Expect(page.Row(PageHost.Id(0))).ToBeVisibleAsync();
        Assert.False(list);
        Assert.False(route);
        page.AssertNoComplaints();
    }

    [Theory(Timeout = 120_000)]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Page_HasNoBarriers(ColorScheme scheme)
    {
        await using var page = await OpenAsync("", scheme: scheme);
        await Expect(page.Count).ToHaveTextAsync("1,000 routes");
        await Expect(page.Row(PageHost.Id(0))).ToBeVisibleAsync();
        var list = await page.BarriersAsync();

        await page.Row(PageHost.Id(0)).Locator("a").ClickAsync();
        await Expect(page.Figure("Pending")).ToHaveTextAsync("0");
        var route = await page.BarriersAsync();

        Assert.Equal("", list);
        Assert.Equal("", route);
        page.AssertNoComplaints();
    }

    private async Task<OpenedPage> OpenAsync(
        string address = "", int width = 1280, int height = 800, ColorScheme scheme = ColorScheme.Light, bool touch = false)
    {
        var host = await thousand.GetAsync();
        return await chromium.OpenAsync(new(host.Address, address), width, height, scheme, touch);
    }

    /// <summary>One interceptor for all of these tests.</summary>
    public sealed class Thousand : IAsyncDisposable
    {
        private Task<PageHost>? starting;

        internal Task<PageHost> GetAsync() => starting ??= PageHost.StartAsync(Routes);

        /// <inheritdoc/>
        public async ValueTask DisposeAsync()
        {
            if (starting is { IsCompletedSuccessfully: true })
                await (await starting).DisposeAsync();
        }
    }
}
