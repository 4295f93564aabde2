using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Wakegate.Interceptor.Observing;
using Wakegate.Interceptor.Watching;
using Wakegate.Testing;
using Wakegate.Testing.Redis;

namespace Wakegate.Interceptor.Tests;

/// <summary>Every metric of the interceptor with all its tags, and that <c>docs/metrics.md</c> says so.</summary>
public class RouteMetricsTests
{
    private const string Shop = "namespace=store route=shop";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task ColdStart_IsMeasuredInAllItsParts()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        using var metrics = app.Measure();
        app.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal([$"{Shop}: 10"], metrics.Observe("wakegate.interceptor.zero.time"));

        var response = app.Client.SendAsync(Get(), Cancellation);
        await Eventually.TrueAsync(() => app.Route().Counts.Waking == 1);
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(
            [$"{Shop} state=in_flight: 0", $"{Shop} state=queued: 0", $"{Shop} state=waking: 1"], metrics.Observe("wakegate.interceptor.pending"));
        Assert.Equal([$"{Shop}: 1"], metrics.Observe("wakegate.interceptor.queue.oldest.age"));
        Assert.Equal([": 1"], metrics.Observe("wakegate.interceptor.budget.requests"));
        Assert.Contains("state=waking: 1", metrics.Observe("wakegate.interceptor.routes"));
        await app.Kubernetes.AddPodAsync("shop-1");
        await app.Kubernetes.ReportWaitingAsync("shop-1", "ContainerCreating", "");
        await Eventually.TrueAsync(() => app.Route().Wakes.Current?.Scheduled is not null);
        app.Clock.Advance(TimeSpan.FromSeconds(2));
        await app.Kubernetes.ReportAsync("shop-1", ready: false);
        await Eventually.TrueAsync(() => app.Route().Wakes.Current?.Started is not null);
        app.Clock.Advance(TimeSpan.FromSeconds(4));
        await app.ReadyAsync(pod.EndPoint);
        await (await response).Content.ReadAsByteArrayAsync(Cancellation);
        await Eventually.TrueAsync(() => app.Route().Tally.Requests == 1);
        app.Clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal([$"{Shop}: 7"], metrics.Lines("wakegate.interceptor.cold_start.duration"));
        Assert.Equal([$"{Shop} phase=release: 0", $"{Shop} phase=wake: 7"], metrics.Lines("wakegate.interceptor.cold_start.phase.duration"));
        Assert.Equal([$"{Shop} step=ready: 4", $"{Shop} step=scheduled: 1", $"{Shop} step=started: 2"], metrics.Lines("wakegate.interceptor.cold_start.wake.duration"));
        Assert.Equal([$"{Shop} outcome=released: 7"], metrics.Lines("wakegate.interceptor.held.duration"));
        Assert.Equal([$"{Shop}: 0"], metrics.Lines("wakegate.interceptor.upstream.duration"));
        Assert.Equal([$"{Shop} code_class=2xx start=cold: 1"], metrics.Observe("wakegate.interceptor.requests"));
        Assert.Equal([$"{Shop} outcome=served: 1"], metrics.Observe("wakegate.interceptor.wakes"));
        Assert.Equal([$"{Shop}: 1"], metrics.Observe("wakegate.interceptor.pods.ready"));
        Assert.Equal([$"{Shop}: 17"], metrics.Observe("wakegate.interceptor.zero.time"));
        Assert.Equal([$"{Shop}: 0"], metrics.Observe("wakegate.interceptor.queue.oldest.age"));
        Assert.Equal(["state=ready: 1", "state=refused: 0", "state=starting: 0", "state=waking: 0", "state=zero: 0"], metrics.Observe("wakegate.interceptor.routes"));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("timed_out", "hold-timeout", "timed_out")]
    [InlineData("full", "too-many-held", null)]
    [InlineData("over_budget", "over-budget", null)]
    [InlineData("unrouted", "route-removed", "unrouted")]
    [InlineData("hopeless", "no-pod-will-come", "hopeless")]
    [InlineData("stopping", "stopping", "left")]
    [InlineData("left", null, "left")]
    public async Task RequestThatIsNotReleased_IsCountedByItsReason(string outcome, string? problem, string? wake)
    {
        await using var app = await InterceptorApp.StartAsync(
            outcome == "over_budget" ? ["--Hold:MaxRequests=1"] : [], Trigger.Shop(("hosts", "shop.test, sale.test"), ("maxHeldRequests", outcome == "full" ? "1" : "10000")));
        using var metrics = app.Measure();
        using var client = new CancellationTokenSource();
        var route = app.Route();

        var held = app.Client.SendAsync(Get(), client.Token);
        await app.HeldAsync(1);
        Task<HttpResponseMessage>? second = outcome is "full" or "over_budget" ? app.Client.SendAsync(Get(), Cancellation) : null;
        switch (outcome)
        {
            case "timed_out":
                app.Clock.Advance(TimeSpan.FromMinutes(2));
                break;
            case "unrouted":
                await app.Kubernetes.ApplyAsync(Trigger.Shop(("hosts", "sale.test")));
                break;
            case "hopeless":
                route.Queue.Obstacle = "The image does not exist.";
                break;
            case "stopping":
                route.Queue.Stop();
                break;
            case "left":
                await client.CancelAsync();
                break;
        }

        await EndedAsync(second ?? held);
        await Eventually.TrueAsync(() => route.Tally.Requests == 1 && (wake is null || route.Tally.Wakes.All.Any()));

        Assert.StartsWith($"{Shop} outcome={outcome}: ", Assert.Single(metrics.Lines("wakegate.interceptor.held.duration")), StringComparison.Ordinal);
        Assert.Equal(problem is null ? [] : [$"{Shop} problem={problem}: 1"], metrics.Observe("wakegate.interceptor.problems"));
        Assert.Equal(wake is null ? [] : [$"{Shop} outcome={wake}: 1"], metrics.Observe("wakegate.interceptor.wakes"));
        var code = outcome == "left" ? "left" : "5xx";
        var start = second is null ? "cold" : "warm";
        Assert.Equal([$"{Shop} code_class={code} start={start}: 1"], metrics.Observe("wakegate.interceptor.requests"));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("unreachable", 1, 1, null)]
    [InlineData("reset", 2, 1, "connection-lost")]
    [InlineData("lost", 1, 0, "connection-lost")]
    [InlineData("bad_response", 1, 0, "bad-response")]
    [InlineData("broken", 1, 0, null)]
    [InlineData("timed_out", 1, 0, "response-timeout")]
    public async Task PodThatFails_IsCountedByWhatItDid(string reason, int failures, int retries, string? problem)
    {
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var good = await StubPod.StartAsync();
        await using var closing = new RawPod((_, _) => null);
        await using var odd = new RawPod((_, _) => "HTTP/1.1 200 OK\r\nX-Odd: a\u0001b\r\nContent-Length: 2\r\n\r\nok");
        await using var slow = await StubPod.StartAsync(context => reason == "broken" ? BreakAsync(context, goOn.Task) : SilentAsync(context));
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        using var metrics = app.Measure();
        var route = app.Route();
        await app.ReadyAsync(reason switch
        {
            "unreachable" => new(IPAddress.Loopback, FreePort.Find()),
            "reset" or "lost" => closing.EndPoint,
            "bad_response" => odd.EndPoint,
            _ => slow.EndPoint,
        });

        var sent = app.Client.SendAsync(new(reason == "lost" ? HttpMethod.Post : HttpMethod.Get, "http://shop.test/"), Cancellation);
        if (reason == "unreachable")
        {
            await app.HeldAsync(1);
            await app.ReadyAsync(good.EndPoint);
        }
        else if (reason == "timed_out")
        {
            await Eventually.TrueAsync(() => !slow.Seen.IsEmpty);
            app.Clock.Advance(TimeSpan.FromMinutes(5));
        }

        await EndedAsync(sent);
        goOn.SetResult();
        await Eventually.TrueAsync(() => route.Tally.Requests == 1);

        Assert.Equal([$"{Shop} reason={reason}: {failures}"], metrics.Observe("wakegate.interceptor.pod.failures"));
        Assert.Equal(retries > 0 ? [$"{Shop} reason={reason}: {retries}"] : [], metrics.Observe("wakegate.interceptor.retries"));
        Assert.Equal(problem is null ? [] : [$"{Shop} problem={problem}: 1"], metrics.Observe("wakegate.interceptor.problems"));
    }

    [Fact(Timeout = 60_000)]
    public async Task RequestsWithoutAGoodRoute_AreCountedWithWhatIsKnownOfIt()
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        using var metrics = app.Measure();
        await app.Kubernetes.ApplyAsync(new Trigger("sale", ("hosts", "sale.test"), ("service", "sale"), ("port", "http")));
        await Eventually.TrueAsync(() => app.Find("sale.test") is not null);

        (await app.Client.SendAsync(new(HttpMethod.Get, "http://sale.test/"), Cancellation)).Dispose();
        (await app.Client.SendAsync(new(HttpMethod.Get, "http://nobody.test/"), Cancellation)).Dispose();

        Assert.Equal(["namespace=store route=sale problem=route-refused: 1", "problem=no-route: 1"], metrics.Observe("wakegate.interceptor.problems"));
        Assert.Contains("state=refused: 1", metrics.Observe("wakegate.interceptor.routes"));
        await Eventually.TrueAsync(() => metrics.Observe("wakegate.interceptor.trigger.problems").Contains("namespace=store route=sale reason=InvalidTrigger: 1"));
    }

    [Fact(Timeout = 60_000)]
    public async Task RequestsThatGoNowhere_AreCountedByTheirProblem()
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("requestTimeout", "5s")));
        using var metrics = app.Measure();
        await using var tunnel = await app.ConnectAsync(Cancellation);

        await tunnel.WriteAsync("CONNECT shop.test:80 HTTP/1.1\r\nHost: shop.test:80\r\n\r\n"u8.ToArray(), Cancellation);
        var held = app.Client.SendAsync(Get(), Cancellation);
        await app.HeldAsync(1);
        app.Clock.Advance(TimeSpan.FromSeconds(5));
        (await held).Dispose();

        await Eventually.TrueAsync(() => metrics.Observe("wakegate.interceptor.problems").Count == 2);
        Assert.Equal([$"{Shop} problem=no-tunnels: 1", $"{Shop} problem=request-timeout: 1"], metrics.Observe("wakegate.interceptor.problems"));
    }

    [Fact(Timeout = 60_000)]
    public async Task BodyThatCannotBeRead_IsTheClientsProblem()
    {
        await using var pod = await StubPod.StartAsync(context => context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted));
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        using var metrics = app.Measure();
        await app.ReadyAsync(pod.EndPoint);
        await using var connection = await app.ConnectAsync(Cancellation);

        await connection.WriteAsync("POST / HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\n\r\nno length\r\n"u8.ToArray(), Cancellation);
        using var answer = new StreamReader(connection);

        Assert.Equal("HTTP/1.1 400 Bad Request", await answer.ReadLineAsync(Cancellation));
        await Eventually.TrueAsync(() => metrics.Observe("wakegate.interceptor.problems").SequenceEqual([$"{Shop} problem=bad-request: 1"]));
        Assert.Empty(metrics.Observe("wakegate.interceptor.pod.failures"));
    }

    [Fact(Timeout = 60_000)]
    public async Task RequestsBehindABusyPod_AreQueuedAndOneIsInFlight()
    {
        await using var pod = await GatedPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("podConcurrency", "1")));
        using var metrics = app.Measure();
        await app.ReadyAsync(pod.EndPoint);

        var first = app.Client.SendAsync(Get(), Cancellation);
        await pod.HasAsync(1);
        var second = app.Client.SendAsync(Get(), Cancellation);
        await Eventually.TrueAsync(() => app.Route().Counts.Queued == 1);

        Assert.Equal([$"{Shop} state=in_flight: 1", $"{Shop} state=queued: 1", $"{Shop} state=waking: 0"], metrics.Observe("wakegate.interceptor.pending"));
        pod.Answer(1);
        await pod.HasAsync(1);
        pod.Answer(1);
        await Task.WhenAll(first, second);
        await Eventually.TrueAsync(() => metrics.Observe("wakegate.interceptor.requests").SequenceEqual([$"{Shop} code_class=2xx start=warm: 2"]));
    }

    [Fact(Timeout = 60_000)]
    public async Task RouteThatNeverHadARequest_HasTwoSeries()
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        using var metrics = app.Measure();

        var series = metrics.Observe().Where(o => o.ToString().StartsWith(Shop, StringComparison.Ordinal) && o.Name != "wakegate.interceptor.trigger.problems");

        Assert.Equal(["wakegate.interceptor.pods.ready", "wakegate.interceptor.zero.time"], series.Select(o => o.Name).Order());
    }

    [Fact(Timeout = 90_000)]
    public async Task DeletedRoute_ItsSeriesEndAndThoseOfOthersGoOn()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorProcess.StartAsync();
        await app.Kubernetes.ApplyAsync(new Trigger("sale", ("hosts", "sale.test"), ("service", "shop"), ("port", "80")));
        await app.ReadyAsync(pod.EndPoint);
        await app.HasAsync("wakegate_interceptor_routes{state=\"ready\"} 2");
        await SendAsync("shop");
        await SendAsync("sale");
        await app.HasAsync("duration_seconds_count{namespace=\"store\",route=\"sale\"} 1");

        await app.Kubernetes.DeleteScaledObjectAsync("sale");
        await Eventually.TrueAsync(async () => !(await app.ScrapeAsync()).Contains("route=\"sale\"", StringComparison.Ordinal));
        await SendAsync("shop");
        await SendAsync("shop");

        await app.HasAsync("wakegate_interceptor_upstream_duration_seconds_count{namespace=\"store\",route=\"shop\"} 2");
        await app.HasAsync("wakegate_interceptor_requests_total{code_class=\"2xx\",namespace=\"store\",route=\"shop\",start=\"warm\"} 3");

        async Task SendAsync(string host) =>
            await (await app.Client.SendAsync(new(HttpMethod.Get, $"http://{host}.test/"), Cancellation)).Content.ReadAsByteArrayAsync(Cancellation);
    }

    [Fact]
    public void MoreRoutesThanThereIsRoomFor_InstrumentsAreMadeAnewForTwiceAsMany()
    {
        var series = new RouteSeries();
        using var meter = new System.Diagnostics.Metrics.Meter(RouteGauges.MeterName);
        var gauge = meter.CreateGauge<int>("any");
        var places = new List<int?>();
        series.Outgrown += () => places.Add(series.PlacesOf(gauge));
        Assert.Equal(2_000, series.PlacesOf(gauge));

        for (var i = 0; i < 1_000; i++)
        {
            series.Add();
        }

        // Preview environments that come and go take places too.
        for (var i = 0; i < 1_000; i++)
        {
            series.Remove();
            series.Add();
        }

        Assert.Equal([3_008, 4_520, 6_776, 8_000, 8_000], places);
    }

    [Fact(Timeout = 90_000)]
    public async Task AllMetrics_AreWhatTheDocsSay()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync([$"--Redis:ConnectionString={redis.Address}"], Trigger.Shop());
        using var metrics = app.Measure();
        await Eventually.TrueAsync(() =>
        {
            app.Clock.Advance(TimeSpan.FromSeconds(2));
            return metrics.Sum("wakegate.ledger.writes", ("outcome", "written")) >= 1;
        });
        var response = app.Client.SendAsync(Get(), Cancellation);
        await app.HeldAsync(1);
        await app.Kubernetes.AddPodAsync("shop-1");
        await app.Kubernetes.ReportAsync("shop-1", ready: false);
        await Eventually.TrueAsync(() => app.Route().Wakes.Current?.Started is not null);
        await app.ReadyAsync(new IPEndPoint(IPAddress.Loopback, FreePort.Find()));
        await Eventually.TrueAsync(() => app.Route().Tally.Retries.All.Any());
        await app.ReadyAsync(pod.EndPoint);
        (await response).Dispose();
        await Eventually.TrueAsync(() => app.Route().Tally.Requests == 1);
        await app.Kubernetes.ApplyAsync(new Trigger("sale", ("hosts", "sale.test"), ("service", "sale"), ("port", "http")));
        await Eventually.TrueAsync(() => app.Find("sale.test") is not null);
        (await app.Client.SendAsync(new(HttpMethod.Get, "http://sale.test/"), Cancellation)).Dispose();
        await Eventually.TrueAsync(() => metrics.Observe("wakegate.interceptor.trigger.problems").Count > 0 && metrics.Lines("wakegate.interceptor.cold_start.duration").Count == 1);
        var watches = app.Services.GetRequiredService<WatchMetrics>();
        watches.Listed("/api/v1/services");
        watches.Started("/api/v1/services");
        watches.Failed("/api/v1/services");

        var labels = metrics.All().ToLookup(m => m.Name, m => m.Tags.Select(t => t.Key));
        var measured = metrics.Instruments.Where(i => i.Name.StartsWith("wakegate.", StringComparison.Ordinal))
            .Select(i => MetricsReference.Describe(i, labels[i.Name].SelectMany(l => l).Distinct())).Order(StringComparer.Ordinal);

        Assert.Equal(MetricsReference.Section("Interceptor"), measured);
    }

    private static HttpRequestMessage Get() => new(HttpMethod.Get, "http://shop.test/");

    private static async Task EndedAsync(Task task) => await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static Task SilentAsync(HttpContext context) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);

    private static async Task BreakAsync(HttpContext context, Task goOn)
    {
        context.Response.ContentLength = 10;
        await context.Response.WriteAsync("first");
        await context.Response.Body.FlushAsync();
        await goOn;
        context.Abort();
    }
}
