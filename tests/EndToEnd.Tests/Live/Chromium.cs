using Microsoft.Playwright;

namespace Wakegate.EndToEnd.Tests.Live;

/// <summary>
/// One real browser for all tests: the one that is installed, since none is ever downloaded. Where there is none, tests are skipped; under CI
/// they fail.
/// </summary>
public sealed class Chromium : IAsyncDisposable
{
    private static readonly string[] Arguments =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    private Task<(IPlaywright Driver, IBrowser Browser)>? starting;

    /// <summary>Opens a page as a person with this screen sees it.</summary>
    internal async Task<OpenedPage> OpenAsync(Uri address, int width = 1280, int height = 800, ColorScheme scheme = ColorScheme.Light, bool touch = false)
    {
        var (_, browser) = await (starting ??= StartAsync());
        var context = await browser.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = height },
            ColorScheme = scheme,
            IsMobile = touch,
            HasTouch = touch,
            ReducedMotion = ReducedMotion.Reduce,
        });
        var page = await OpenedPage.CreateAsync(context);
        await page.Page.GotoAsync(address.ToString());
        return page;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (starting is { IsCompletedSuccessfully: true })
        {
            var (driver, browser) = await starting;
            await browser.CloseAsync();
            driver.Dispose();
        }
    }

    private static async Task<(IPlaywright Driver, IBrowser Browser)> StartAsync()
    {
        var program = FindOnPath("chromium") ?? FindOnPath("chromium-browser") ?? FindOnPath("google-chrome");
        Assert.SkipWhen(program is null && Environment.GetEnvironmentVariable("CI") != "true", "There is no chromium on the PATH.");
        Assert.True(program is not null, "There is no chromium on the PATH.");
        var driver = await Playwright.CreateAsync();
        Assertions.SetDefaultExpectTimeout(30_000);
        return (driver, await driver.Chromium.LaunchAsync(new() { ExecutablePath = program, Args = Arguments, Headless = true }));
    }

    private static string? FindOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
