using System.Collections.Concurrent;
using System.Globalization;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Wakegate.EndToEnd.Tests.Live;

/// <summary>The live page in a browser, in the words of a person who looks at it.</summary>
internal sealed class OpenedPage : IAsyncDisposable
{
    private readonly IBrowserContext context;
    private readonly ConcurrentQueue<string> complaints = new();

    private OpenedPage(IBrowserContext context, IPage page)
    {
        this.context = context;
        Page = page;
        page.SetDefaultTimeout(30_000);
        page.PageError += (_, error) => complaints.Enqueue(error);
        page.Console += (_, said) =>
        {
            // That a stream broke off is what some tests are about.
            if (said.Type == "error" && !said.Text.Contains("net::ERR", StringComparison.Ordinal) && !said.Text.Contains("503", StringComparison.Ordinal))
                complaints.Enqueue(said.Text);
        };
    }

    public IPage Page { get; }

    /// <summary>Whether what is shown is live.</summary>
    public ILocator Link => Page.Locator("#link");

    /// <summary>How many rows there are, in words.</summary>
    public ILocator Count => Page.Locator("#count");

    /// <summary>Rows in the document.</summary>
    public ILocator Rows => Page.Locator("#rows > tr");

    /// <summary>Sums above the list.</summary>
    public ILocator Total(string name) => Page.Locator($"#totals [data-total={name}]");

    /// <summary>A banner.</summary>
    public ILocator Trouble(string kind) => Page.Locator($"#troubles [data-kind={kind}]");

    /// <summary>A route's row.</summary>
    public ILocator Row(string id) => Page.Locator($"#rows > tr[data-id='{id}']");

    /// <summary>A figure of the one route that is shown.</summary>
    public ILocator Figure(string name) => Page.Locator($"#route [data-figure='{name}'] .value");

    public static async Task<OpenedPage> CreateAsync(IBrowserContext context) => new(context, await context.NewPageAsync());

    /// <summary>Whether the page is wider than the screen.</summary>
    public Task<bool> IsTooWideAsync() => Page.EvaluateAsync<bool>("document.scrollingElement.scrollWidth > innerWidth");

    /// <summary>What makes the page hard to use for some, as axe-core finds it: a line for each.</summary>
    public async Task<string> BarriersAsync()
    {
        var found = await Page.RunAxe();
        return string.Join('\n', found.Violations.Select(v => string.Create(CultureInfo.InvariantCulture, $"{v.Id}: {v.Help} ({v.Nodes.Length}): {v.Nodes[0].Html}")));
    }

    /// <summary>Nothing failed in the page, and its policy kept nothing from it.</summary>
    public void AssertNoComplaints() => Assert.Empty(complaints);

    public async ValueTask DisposeAsync() => await context.CloseAsync();
}
