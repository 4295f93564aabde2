using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Wakegate.Contracts.Ledger;
using Wakegate.Interceptor.Page;
using Wakegate.Interceptor.Watching;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

/// <summary>What the admin port tells a page. What a page makes of it is tested in a browser, end to end.</summary>
public class LivePageTests
{
    private static readonly Trigger Sale = new("sale", ("hosts", "sale.test"), ("service", "sale"), ("port", "80"));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task Opened_TellsTheWhole()
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("hosts", "shop.test, *.shop.test")), Sale);

        using var page = await OpenPage.OpenAsync(app.Admin);
        var (name, whole) = (await page.NextAsync())!.Value;

        Assert.Equal("whole", name);
        Assert.Equal(["store/sale/sale", "store/shop/shop"], Ids(whole).Order());
        var shop = Row(whole, "store/shop/shop")!.Value;
        Assert.Equal("zero", shop.GetProperty("state").GetString());
        Assert.Equal("shop.test", shop.GetProperty("host").GetString());
        Assert.Equal(1, shop.GetProperty("moreHosts").GetInt32());
        Assert.Equal(2, whole.GetProperty("totals").GetProperty("zero").GetInt32());
        Assert.Equal(app.Services.GetRequiredService<LedgerWriter>().ReplicaId, whole.GetProperty("self").GetProperty("id").GetString());
    }

    [Fact(Timeout = 60_000)]
    public async Task RequestHeld_TellsThatRouteAlone()
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(), Sale);
        using var page = await OpenPage.OpenAsync(app.Admin);
        await page.NextAsync();

        var response = app.Client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), Cancellation);
        await app.HeldAsync(1);
        var change = await page.UntilAsync(app, "change", c => c.TryGetProperty("rows", out _));

        Assert.Equal(["store/shop/shop"], Ids(change));
        var shop = Row(change, "store/shop/shop")!.Value;
        Assert.Equal("waking", shop.GetProperty("state").GetString());
        Assert.Equal(1, shop.GetProperty("pending").GetInt32());
        Assert.Equal(1, shop.GetProperty("held").GetInt32());
        Assert.True(shop.GetProperty("waking").TryGetProperty("at", out _));
        Assert.False(response.IsCompleted);
    }

    [Fact(Timeout = 60_000)]
    public async Task NothingHappens_TellsOnlyThatItLives()
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await using var pod = await StubPod.StartAsync();
        await app.ReadyAsync(pod.EndPoint);
        using var page = await OpenPage.OpenAsync(app.Admin);
        await page.NextAsync();

        var heard = new List<string>();
        do
        {
            var next = page.NextAsync();
            await Eventually.TrueAsync(() =>
            {
                app.Clock.Advance(TimeSpan.FromMilliseconds(500));
                return next.IsCompleted;
            });
            heard.Add((await next)!.Value.Name);
        }
        while (heard[^1] != "alive");

        Assert.Equal(["alive"], heard);
    }

    [Fact(Timeout = 60_000)]
    public async Task RouteDeleted_IsGone()
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(), Sale);
        using var page = await OpenPage.OpenAsync(app.Admin);
        await page.NextAsync();

        await app.Kubernetes.DeleteScaledObjectAsync("sale");
        var change = await page.UntilAsync(app, "change", c => c.TryGetProperty("gone", out _));

        Assert.Equal("store/sale/sale", change.GetProperty("gone")[0].GetString());
    }

    [Fact(Timeout = 60_000)]
    public async Task RouteOpened_TellsWhoWokeItAndHowLongItTook()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync();
        var routes = app.Services.GetRequiredService<RouteFactory>();
        await app.Kubernetes.ApplyAsync(Trigger.Shop(("headers", "X-Key=hidden, X-Any")));
        await Eventually.TrueAsync(() => routes.All.Any());
        app.TakenOver(routes.All.Single());
        using var page = await OpenPage.OpenAsync(app.Admin, "/stream/store/shop/shop");
        var request = new HttpRequestMessage(HttpMethod.Get, "http://shop.test/basket?token=hidden")
        {
            Headers = { { "X-Key", "hidden" }, { "X-Any", "1" }, { "User-Agent", "curl/8.9" }, { "traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" } },
        };

        var response = app.Client.SendAsync(request, Cancellation);
        await Eventually.TrueAsync(() => routes.All.Single().Queue.Count == 1);
        app.Clock.Advance(TimeSpan.FromSeconds(3));
        await app.Kubernetes.ApplySliceAsync("shop", pod.EndPoint);
        await response;
        var view = await page.UntilAsync(app, "route", v => v.GetProperty("wakes").GetArrayLength() > 0);

        var wake = view.GetProperty("wakes")[0];
        Assert.Equal("served", wake.GetProperty("outcome").GetString());
        Assert.True(wake.GetProperty("total").GetInt32() >= 3000);
        Assert.True(wake.GetProperty("ready").GetInt32() >= 3000);
        var cause = wake.GetProperty("cause");
        Assert.Equal("/basket", cause.GetProperty("path").GetString());
        Assert.Equal("curl/8.9", cause.GetProperty("userAgent").GetString());
        Assert.Equal("4bf92f3577b34da6a3ce929d0e0e4736", cause.GetProperty("traceId").GetString());
        Assert.Contains(view.GetProperty("trigger").EnumerateArray(), t => t.GetProperty("value").GetString() == "X-Key=…, X-Any");
        Assert.DoesNotContain("hidden", view.GetRawText(), StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task RouteThatIsRefused_SaysWhy()
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("port", "99999")));
        using var page = await OpenPage.OpenAsync(app.Admin, "/stream/store/shop/shop");

        var view = await page.UntilAsync(app, "route");

        Assert.Equal("refused", view.GetProperty("row").GetProperty("state").GetString());
        Assert.Contains("99999", view.GetProperty("refusal").GetString(), StringComparison.Ordinal);
        Assert.Equal("InvalidTrigger", view.GetProperty("problems")[0].GetProperty("reason").GetString());
    }

    [Fact(Timeout = 60_000)]
    public async Task RouteThatIsNone_IsGone()
    {
        await using var app = await InterceptorApp.StartAsync();
        using var page = await OpenPage.OpenAsync(app.Admin, "/stream/store/none/none");

        await page.UntilAsync(app, "gone");
    }

    [Fact(Timeout = 60_000)]
    public async Task OpenedLater_KnowsTheLastMinutes()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(), Sale);
        await app.ReadyAsync(pod.EndPoint);
        var history = app.Services.GetRequiredService<TrafficHistory>();

        await SendAsync(app, 3);
        await PassAsync(app, history, rounds: 1);
        await SendAsync(app, 2);
        await PassAsync(app, history, rounds: 1);
        using var page = await OpenPage.OpenAsync(app.Admin);
        var (_, whole) = (await page.NextAsync())!.Value;

        var past = Assert.Single(whole.GetProperty("histories").EnumerateArray());
        Assert.Equal("store/shop/shop", past.GetProperty("id").GetString());
        Assert.Equal([3, 2], past.GetProperty("requests").EnumerateArray().Select(r => r.GetInt32()));
    }

    [Fact(Timeout = 60_000)]
    public async Task TrafficLongOver_HasNoHistoryAnyMore()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);
        var history = app.Services.GetRequiredService<TrafficHistory>();

        await SendAsync(app, 1);
        await PassAsync(app, history, rounds: 1);
        var during = history.Of(app.Route())!.Recent;
        await PassAsync(app, history, rounds: RouteTraffic.Kept);

        Assert.True(during);
        Assert.False(history.Of(app.Route())!.Recent);
    }

    [Fact(Timeout = 60_000)]
    public async Task RedisAway_SaysThatCountsAreItsOwn()
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());

        using var page = await OpenPage.OpenAsync(app.Admin);
        var (_, whole) = (await page.NextAsync())!.Value;

        var trouble = Assert.Single(whole.GetProperty("troubles").EnumerateArray());
        Assert.Equal("ledger", trouble.GetProperty("kind").GetString());
        Assert.Contains("counts of other replicas are not known", trouble.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.False(whole.GetProperty("totals").TryGetProperty("shared", out _));
    }

    [Fact(Timeout = 60_000)]
    public async Task WatchFails_SaysWhichAndWhy()
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        using var page = await OpenPage.OpenAsync(app.Admin);
        await page.NextAsync();
        var health = app.Services.GetRequiredService<WatchHealth>();

        health.Failing("/api/v1/pods", "403 Forbidden.");
        var change = await page.UntilAsync(app, "change", c => c.TryGetProperty("troubles", out _));
        health.Working("/api/v1/pods");
        var mended = await page.UntilAsync(app, "change", c => c.TryGetProperty("troubles", out _));

        Assert.Contains("/api/v1/pods: 403 Forbidden.", Text(change, "watch"), StringComparison.Ordinal);
        Assert.Null(Text(mended, "watch"));
    }

    [Fact(Timeout = 60_000)]
    public async Task ObjectWithoutRoute_IsNamed()
    {
        await using var app = await InterceptorApp.StartAsync();
        using var page = await OpenPage.OpenAsync(app.Admin);
        await page.NextAsync();

        await app.Kubernetes.ApplyAsync(Trigger.Shop(("hosts", "not a host")));
        var change = await page.UntilAsync(app, "change", c => c.TryGetProperty("troubles", out _) && Text(c, "routeless") is not null);

        Assert.StartsWith("No route comes of ScaledObject store/shop:", Text(change, "routeless"), StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task PageClosed_TheLedgerIsNoLongerRead()
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        var ledger = app.Services.GetRequiredService<LedgerGlimpse>();
        var before = ledger.Reading;

        using (var page = await OpenPage.OpenAsync(app.Admin))
        {
            await page.NextAsync();
            await Eventually.TrueAsync(() => ledger.Reading);
        }

        await Eventually.TrueAsync(() =>
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            return !ledger.Reading;
        });
        Assert.False(before);
    }

    [Fact(Timeout = 60_000)]
    public async Task ViewerThatDoesNotRead_DelaysNobodyAndLosesItsPlace()
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        var viewers = app.Services.GetRequiredService<Viewers>();
        using var stalled = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await stalled.ConnectAsync(app.Admin, Cancellation);
        await stalled.SendAsync("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray(), Cancellation);
        await Eventually.TrueAsync(() => viewers.All.Count == 1);
        var viewer = viewers.All.Single();
        using var page = await OpenPage.OpenAsync(app.Admin);
        await page.NextAsync();

        var large = new byte[512 * 1024];
        await Eventually.TrueAsync(() =>
        {
            if (viewer.Idle)
            {
                viewer.Tell(large);
            }

            app.Clock.Advance(TimeSpan.FromMilliseconds(500));
            return viewers.All.Count == 1;
        });
        await app.Kubernetes.ApplyAsync(Sale);
        var change = await page.UntilAsync(app, "change", c => c.TryGetProperty("rows", out _));

        Assert.Equal(["store/sale/sale"], Ids(change));
        Assert.DoesNotContain(viewer, viewers.All);
    }

    [Fact(Timeout = 60_000)]
    public void ViewerThatIsBehind_GetsTheWholeAnew()
    {
        var viewer = new Viewer(route: null);
        byte[] frame = [1];

        viewer.Tell(frame);
        viewer.Tell(frame);
        var kept = viewer.UpToDate;
        viewer.Tell(frame);

        Assert.True(kept);
        Assert.False(viewer.UpToDate);
        Assert.False(viewer.Idle);
    }

    [Fact(Timeout = 60_000)]
    public async Task TooManyViewers_AreTold()
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        var viewers = app.Services.GetRequiredService<Viewers>();
        var places = Enumerable.Range(0, Viewers.Most).Select(_ => viewers.Join(route: null)!).ToList();

        using var client = new HttpClient { BaseAddress = new($"http://{app.Admin}") };
        var refused = await client.GetAsync(new Uri("/stream", UriKind.Relative), Cancellation);
        using var asked = new HttpRequestMessage(HttpMethod.Head, "/stream");
        var head = await client.SendAsync(asked, Cancellation);
        viewers.Leave(places[0]);
        using var page = await OpenPage.OpenAsync(app.Admin);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(10), refused.Headers.RetryAfter?.Delta);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"{Viewers.Most} streams"), await refused.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, head.StatusCode);
        Assert.Equal("whole", (await page.NextAsync())!.Value.Name);
    }

    [Fact(Timeout = 60_000)]
    public async Task InterceptorStops_TheStreamSaysSoAndEnds()
    {
        await using var app = await InterceptorApp.StartAsync(["--Interceptor:DrainDelay=10m"], Trigger.Shop());
        using var page = await OpenPage.OpenAsync(app.Admin);
        await page.NextAsync();

        var leaving = app.Drain.BeginAsync();
        var change = await page.UntilAsync(app, "change", c => c.TryGetProperty("troubles", out _));
        app.Clock.Advance(TimeSpan.FromMinutes(10));
        await leaving;
        while (await page.NextAsync() is not null)
        {
        }

        await app.Stopped;
        Assert.NotNull(Text(change, "leaving"));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("/")]
    [InlineData("/page/app.js")]
    [InlineData("/stream")]
    [InlineData("/stream/store/shop/shop")]
    public async Task AnythingButReading_IsNotAllowed(string path)
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        using var client = new HttpClient { BaseAddress = new($"http://{app.Admin}") };

        foreach (var method in new[] { HttpMethod.Post, HttpMethod.Put, HttpMethod.Delete, HttpMethod.Patch })
        {
            using var request = new HttpRequestMessage(method, path);
            var response = await client.SendAsync(request, Cancellation);

            Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
            Assert.Equal(["GET", "HEAD"], response.Content.Headers.Allow.Order());
        }
    }

    [Theory(Timeout = 60_000)]
    [InlineData("/")]
    [InlineData("/page/app.js")]
    [InlineData("/stream")]
    public async Task TrafficPort_KnowsNoPage(string path)
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);

        var claimed = await app.Client.SendAsync(new(HttpMethod.Get, $"http://shop.test{path}"), Cancellation);
        var unclaimed = await app.Client.SendAsync(new(HttpMethod.Get, $"http://localhost{path}"), Cancellation);

        Assert.Equal("hello", await claimed.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(HttpStatusCode.NotFound, unclaimed.StatusCode);
        Assert.Equal("application/problem+json", unclaimed.Content.Headers.ContentType?.MediaType);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("/", "text/html")]
    [InlineData("/page/app.js", "text/javascript")]
    [InlineData("/page/page.css", "text/css")]
    [InlineData("/page/icon.svg", "image/svg+xml")]
    [InlineData("/page/vendor/uPlot.iife.min.js", "text/javascript")]
    public async Task File_IsServedStrictlyAndOnce(string path, string type)
    {
        await using var app = await InterceptorApp.StartAsync();
        using var client = new HttpClient { BaseAddress = new($"http://{app.Admin}") };

        var first = await client.GetAsync(new Uri(path, UriKind.Relative), Cancellation);
        using var again = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { IfNoneMatch = { first.Headers.ETag! } } };
        var second = await client.SendAsync(again, Cancellation);
        using var head = new HttpRequestMessage(HttpMethod.Head, path);
        var headed = await client.SendAsync(head, Cancellation);

        Assert.Equal(type, first.Content.Headers.ContentType?.MediaType);
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self';", Assert.Single(first.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(first.Headers.GetValues("X-Content-Type-Options")));
        Assert.True(first.Headers.CacheControl?.NoCache);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Equal(first.Content.Headers.ContentLength, headed.Content.Headers.ContentLength);
        Assert.Empty(await headed.Content.ReadAsByteArrayAsync(Cancellation));
    }

    private static async Task SendAsync(InterceptorApp app, int requests)
    {
        for (var i = 0; i < requests; i++)
        {
            (await app.Client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), Cancellation)).Dispose();
        }

        await app.PendingAsync(0);
    }

    private static async Task PassAsync(InterceptorApp app, TrafficHistory history, int rounds)
    {
        for (var round = history.Round; rounds > 0; rounds--)
        {
            app.Clock.Advance(TrafficHistory.Step);
            round++;
            await Eventually.TrueAsync(() => history.Round == round);
        }
    }

    private static string? Text(JsonElement frame, string trouble) => frame.GetProperty("troubles").EnumerateArray()
        .Where(t => t.GetProperty("kind").GetString() == trouble).Select(t => t.GetProperty("text").GetString()).FirstOrDefault();

    private static IEnumerable<string> Ids(JsonElement frame) => frame.GetProperty("rows").EnumerateArray().Select(r => r.GetProperty("id").GetString()!);

    private static JsonElement? Row(JsonElement frame, string id) =>
        frame.GetProperty("rows").EnumerateArray().Select(r => (JsonElement?)r).FirstOrDefault(r => r!.Value.GetProperty("id").GetString() == id);
}
