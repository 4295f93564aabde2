using System.Net;
using Microsoft.AspNetCore.Http;
using Wakegate.Testing;
using Wakegate.Testing.Ledger;
using Wakegate.Testing.Otlp;
using Wakegate.Testing.Redis;

namespace Wakegate.Interceptor.Tests;

public class TracingTests
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";
    private const string ClientSpan = "b7ad6b7169203331";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = 90_000)]
    public async Task ColdStart_IsOneTraceFromTheClientToThePod()
    {
        var seen = new HeaderDictionary();
        await using var redis = await RedisServer.StartAsync();
        await using var ledger = await LedgerHost.StartReaderAsync(redis.Address);
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var pod = await StubPod.StartAsync(context => KeepAsync(context, seen));
        await using var app = await InterceptorProcess.StartAsync(
            [$"--Redis:ConnectionString={redis.Address}", "--OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=test", .. receiver.Settings]);

        var response = app.Client.SendAsync(Get("01"), Cancellation);
        await Eventually.TrueAsync(() => ledger.Reader.Find(LedgerHost.Route("shop")).Waking == 1);
        await app.ReadyAsync(pod.EndPoint);
        await (await response).Content.ReadAsByteArrayAsync(Cancellation);
        var spans = await receiver.TraceAsync(TraceId, 3);
        var (server, hold, client) = (spans.Single(s => s.Kind == 2), spans.Single(s => s.Kind == 1), spans.Single(s => s.Kind == 3));

        Assert.Equal(("GET store/shop", "hold", "GET"), (server.Name, hold.Name, client.Name));
        Assert.Equal((ClientSpan, server.Id, server.Id), (server.ParentId, hold.ParentId, client.ParentId));
        Assert.Equal($"00-{TraceId}-{client.Id}-01", seen["traceparent"]);
        Assert.Equal(("vendor=1", "user=42"), (seen["tracestate"].ToString(), seen["baggage"].ToString()));
        Assert.Equal(
            ["http.request.method=GET", "http.response.status_code=200", "network.protocol.version=1.1", "server.address=shop.test", "url.path=/basket",
                "url.scheme=http", "wakegate.route=store/shop"],
            Text(server.Attributes));
        Assert.Equal(["wakegate.outcome=released"], Text(hold.Attributes));
        Assert.Equal(
            ["http.request.method=GET", "http.response.status_code=200", "server.address=127.0.0.1", $"server.port={pod.EndPoint.Port}",
                $"wakegate.pod=shop-{pod.EndPoint.Port}"],
            Text(client.Attributes));
        Assert.Equal(["signalled", "pod ready", "released"], hold.Events.Select(e => e.Name));
        Assert.All(hold.Events, e => Assert.InRange(e.At, hold.Start, hold.End + 1_000_000_000));
        Assert.Equal(hold.Events.Select(e => e.At).Order(), hold.Events.Select(e => e.At));
        Assert.True(server.Start <= hold.Start && hold.Start <= client.Start && client.End <= server.End);
        Assert.DoesNotContain(spans, s => s.Failed);
        Assert.Equal(("wakegate-interceptor", "0.1.0", "test"),
            (server.Resource["service.name"], server.Resource["service.version"], server.Resource["deployment.environment.name"]));
        Assert.NotEmpty(server.Resource["service.instance.id"]);
        await Eventually.TrueAsync(() => receiver.Metrics.Any(m => m.Name == "wakegate.interceptor.cold_start.duration"));
        Assert.Contains(
            $"trace_id=\"{TraceId}\"",
            Assert.Single(Lines(await app.ScrapeAsync("application/openmetrics-text;version=1.0.0")), l => l.StartsWith("wakegate_interceptor_cold_start_duration_seconds_bucket", StringComparison.Ordinal) && l.Contains(" # {", StringComparison.Ordinal)),
            StringComparison.Ordinal);
    }

    [Fact(Timeout = 90_000)]
    public async Task RequestThatIsNotSampled_IsPassedOnAsSuchAndNotSent()
    {
        var seen = new HeaderDictionary();
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var pod = await StubPod.StartAsync(context => KeepAsync(context, seen));
        await using var app = await InterceptorProcess.StartAsync(receiver.Settings);
        await app.ReadyAsync(pod.EndPoint);

        (await app.Client.SendAsync(Get("00"), Cancellation)).Dispose();
        (await app.Client.SendAsync(new(HttpMethod.Get, "http://nobody.test/witness"), Cancellation)).Dispose();
        await Eventually.TrueAsync(() => receiver.Spans.Any(s => s.Attributes["url.path"] == "/witness"));

        var parent = seen["traceparent"].ToString().Split('-');
        Assert.Equal((TraceId, "00"), (parent[1], parent[3]));
        Assert.NotEqual(ClientSpan, parent[2]);
        Assert.DoesNotContain(receiver.Spans, s => s.TraceId == TraceId);
    }

    [Fact(Timeout = 90_000)]
    public async Task SamplerAlwaysOff_SendsNothingAndTheClientsTraceGoesOn()
    {
        var seen = new HeaderDictionary();
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var pod = await StubPod.StartAsync(context => KeepAsync(context, seen));
        await using var app = await InterceptorProcess.StartAsync(["--OTEL_TRACES_SAMPLER=always_off", .. receiver.Settings]);
        await app.ReadyAsync(pod.EndPoint);

        (await app.Client.SendAsync(Get("01"), Cancellation)).Dispose();
        await Eventually.TrueAsync(() => !receiver.Metrics.IsEmpty);

        Assert.StartsWith($"00-{TraceId}-", seen["traceparent"].ToString(), StringComparison.Ordinal);
        Assert.EndsWith("-00", seen["traceparent"].ToString(), StringComparison.Ordinal);
        Assert.Empty(receiver.Spans);
    }

    [Fact(Timeout = 90_000)]
    public async Task AttemptsThatFail_AreSpansOfTheirOwn()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var pod = new RawPod((_, head) => head.StartsWith("POST", StringComparison.Ordinal) ? null : RawPod.Ok("hello"));
        await using var app = await InterceptorProcess.StartAsync(receiver.Settings);
        await app.ReadyAsync(pod.EndPoint);
        (await app.Client.SendAsync(new(HttpMethod.Get, "http://shop.test/warm"), Cancellation)).Dispose();

        var request = Get("01");
        request.Method = HttpMethod.Post;
        using var response = await app.Client.SendAsync(request, Cancellation);
        var spans = await receiver.TraceAsync(TraceId, 2);
        var (server, client) = (spans.Single(s => s.Kind == 2), spans.Single(s => s.Kind == 3));

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal((true, "lost"), (client.Failed, client.Attributes["error.type"]));
        Assert.Equal((true, "connection-lost", "502"), (server.Failed, server.Attributes["error.type"], server.Attributes["http.response.status_code"]));
    }

    [Theory(Timeout = 90_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task CollectorThatStallsOrIsGone_DelaysNoRequest(bool stalls)
    {
        await using var receiver = await OtlpReceiver.StartAsync(stalls: true);
        string[] gone = [.. receiver.Settings, "--OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1"];
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorProcess.StartAsync(stalls ? receiver.Settings : gone);
        await app.ReadyAsync(pod.EndPoint);
        (await app.Client.SendAsync(Get("01"), Cancellation)).Dispose();
        await Eventually.TrueAsync(() => !stalls || receiver.Requests > 0);

        // The queue of spans is full after 2048, three a request.
        for (var i = 0; i < 1_000; i++)
        {
            using var response = await app.Client.SendAsync(Get("01"), Cancellation);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Empty(receiver.Spans);
    }

    [Fact(Timeout = 90_000)]
    public async Task LogsOfATracedRequest_NameItsTraceAndAreSentWhereAskedFor()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        var container = new Dictionary<string, string>(StringComparer.Ordinal) { ["DOTNET_RUNNING_IN_CONTAINER"] = "true" };
        await using var app = await InterceptorProcess.StartInAsync(container, ["--OTEL_LOGS_EXPORTER=otlp", .. receiver.Settings]);

        var response = app.Client.SendAsync(Get("01"), Cancellation);
        await app.HeldAsync(1);

        await Eventually.TrueAsync(() => receiver.Logs.Any(l => l.Contains("Holding requests for", StringComparison.Ordinal)));
        await Eventually.TrueAsync(() => app.Lines.Any(l => l.Contains("Holding requests for", StringComparison.Ordinal)));
        Assert.Contains(TraceId, Assert.Single(app.Lines, l => l.Contains("Holding requests for", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.False(response.IsCompleted);
    }

    private static Task KeepAsync(HttpContext context, HeaderDictionary seen)
    {
        foreach (var (name, value) in context.Request.Headers)
        {
            seen[name] = value;
        }

        return context.Response.WriteAsync("hello");
    }

    private static HttpRequestMessage Get(string flags)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "http://shop.test/basket?token=secret");
        request.Headers.TryAddWithoutValidation("traceparent", $"00-{TraceId}-{ClientSpan}-{flags}");
        request.Headers.TryAddWithoutValidation("tracestate", "vendor=1");
        request.Headers.TryAddWithoutValidation("baggage", "user=42");
        return request;
    }

    private static IEnumerable<string> Text(IReadOnlyDictionary<string, string> attributes) => attributes.Select(a => $"{a.Key}={a.Value}").Order();

    private static string[] Lines(string page) => page.Split('\n');
}
