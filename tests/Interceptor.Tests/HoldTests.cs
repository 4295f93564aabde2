using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

public class HoldTests
{
    private static HttpRequestMessage Get => new(HttpMethod.Get, "http://shop.test/");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task PodBecomesReady_HeldRequestIsAnswered()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());

        var response = app.Client.SendAsync(Get, Cancellation);
        await app.HeldAsync(1);
        Assert.Equal(1, app.Route().Counts.Waking);
        await app.ReadyAsync(pod.EndPoint);

        Assert.Equal("hello", await (await response).Content.ReadAsStringAsync(Cancellation));
        await app.PendingAsync(0);
        Assert.Equal(0, app.Route().Counts.Waking);
    }

    [Fact(Timeout = 120_000)]
    public async Task FiveHundredHeld_AreAllAnsweredOnceEach()
    {
        await using var pod = await StubPod.StartAsync(context => context.Response.WriteAsync(context.Request.Path));
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());

        var responses = Enumerable.Range(0, 500)
            .Select(i => app.Client.SendAsync(new(HttpMethod.Get, $"http://shop.test/{i}"), Cancellation)).ToList();
        await app.HeldAsync(500);
        await app.ReadyAsync(pod.EndPoint);
        var bodies = await Task.WhenAll(responses.Select(async r => await (await r).Content.ReadAsStringAsync(Cancellation)));

        Assert.Equal(Enumerable.Range(0, 500).Select(i => $"/{i}"), bodies);
        Assert.Equal(500, pod.Seen.Distinct().Count());
        Assert.Equal(500, pod.Seen.Count);
        await app.PendingAsync(0);
    }

    [Fact(Timeout = 60_000)]
    public async Task NoPodWithinTheHoldTimeout_AnswersGatewayTimeout()
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("holdTimeout", "30s")));

        var response = app.Client.SendAsync(Get, Cancellation);
        await app.HeldAsync(1);
        app.Clock.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(HttpStatusCode.GatewayTimeout, (await response).StatusCode);
        Assert.Equal("application/problem+json", (await response).Content.Headers.ContentType?.ToString());
        using var problem = JsonDocument.Parse(await (await response).Content.ReadAsStringAsync(Cancellation));
        Assert.Equal("ScaledObject store/shop had no ready pod within holdTimeout, 30s.", problem.RootElement.GetProperty("detail").GetString());
        Assert.Equal("store/shop/shop", problem.RootElement.GetProperty("route").GetString());
        await app.PendingAsync(0);
    }

    [Fact(Timeout = 60_000)]
    public async Task OneArrivesLater_TimesOutLater()
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("holdTimeout", "30s")));
        var first = app.Client.SendAsync(Get, Cancellation);
        await app.HeldAsync(1);
        app.Clock.Advance(TimeSpan.FromSeconds(10));
        var second = app.Client.SendAsync(Get, Cancellation);
        await app.HeldAsync(2);

        app.Clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(HttpStatusCode.GatewayTimeout, (await first).StatusCode);
        await app.HeldAsync(1);
        app.Clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(HttpStatusCode.GatewayTimeout, (await second).StatusCode);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("shop.test", "14", "ScaledObject store/shop had no ready pod within holdTimeout, 30s.")]
    [InlineData("nobody.test", "12", "No ScaledObject claims host \"nobody.test\" with this path and these headers.")]
    public async Task GrpcCall_IsAnsweredWithAStatus(string host, string status, string message)
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("holdTimeout", "30s")));
        using var client = app.CreateClient(HttpVersion.Version20);
        var call = new HttpRequestMessage(HttpMethod.Post, $"http://{host}/greeter.Greeter/SayHello") { Content = new ByteArrayContent([]) };
        call.Content.Headers.ContentType = new("application/grpc");

        var response = client.SendAsync(call, Cancellation);
        if (host == "shop.test")
        {
            await app.HeldAsync(1);
            app.Clock.Advance(TimeSpan.FromSeconds(30));
        }

        Assert.Equal(HttpStatusCode.OK, (await response).StatusCode);
        Assert.Equal("application/grpc", (await response).Content.Headers.ContentType?.ToString());
        Assert.Equal(status, Assert.Single((await response).Headers.GetValues("grpc-status")));
        Assert.Equal(message, Assert.Single((await response).Headers.GetValues("grpc-message")));
    }

    [Fact(Timeout = 60_000)]
    public async Task AsManyHeldAsAllowed_TheNextIsToldToComeBack()
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("maxHeldRequests", "2")));
        var held = new[] { app.Client.SendAsync(Get, Cancellation), app.Client.SendAsync(Get, Cancellation) };
        await app.HeldAsync(2);

        var refused = await app.Client.SendAsync(Get, Cancellation);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Contains("already holds 2 requests (maxHeldRequests)", await refused.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.All(held, h => Assert.False(h.IsCompleted));
    }

    [Fact(Timeout = 60_000)]
    public async Task ScaledObjectDeleted_HeldRequestsAreToldAtOnce()
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        var response = app.Client.SendAsync(Get, Cancellation);
        await app.HeldAsync(1);

        await app.Kubernetes.DeleteScaledObjectAsync("shop");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await response).StatusCode);
        Assert.Contains("route-removed", await (await response).Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Client.SendAsync(Get, Cancellation)).StatusCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task HostRemovedFromTheTrigger_ItsHeldRequestsAreToldAndTheOthersStay()
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("hosts", "shop.test, sale.test")));
        var gone = app.Client.SendAsync(new(HttpMethod.Get, "http://sale.test/"), Cancellation);
        var stays = app.Client.SendAsync(Get, Cancellation);
        await app.HeldAsync(2);

        await app.Kubernetes.ApplyAsync(Trigger.Shop(("hosts", "shop.test")));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await gone).StatusCode);
        await app.HeldAsync(1);
        Assert.False(stays.IsCompleted);
    }

    [Fact(Timeout = 60_000)]
    public async Task TriggerChangesWhileHeld_RequestStaysHeldAndIsAnswered()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        var response = app.Client.SendAsync(Get, Cancellation);
        await app.HeldAsync(1);

        await app.Kubernetes.ApplyAsync(Trigger.Shop(("targetPendingRequests", "7")));
        await Eventually.TrueAsync(() => app.Route().Spec.Scaling.TargetPendingRequests == 7);
        await app.ReadyAsync(pod.EndPoint);

        Assert.Equal(HttpStatusCode.OK, (await response).StatusCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task PodsGoAwayAgain_RequestsAreHeldAgain()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);
        Assert.Equal(HttpStatusCode.OK, (await app.Client.SendAsync(Get, Cancellation)).StatusCode);

        await app.ReadyAsync();
        var response = app.Client.SendAsync(Get, Cancellation);
        await app.HeldAsync(1);
        await app.ReadyAsync(pod.EndPoint);

        Assert.Equal(HttpStatusCode.OK, (await response).StatusCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task ClientThatExpectsAHundred_GetsItAtRelease()
    {
        await using var pod = await StubPod.StartAsync(async context =>
        {
            using var body = new StreamReader(context.Request.Body);
            await context.Response.WriteAsync($"got {await body.ReadToEndAsync(Cancellation)}");
        });
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await using var connection = await app.ConnectAsync(Cancellation);
        await connection.WriteAsync(
            "POST / HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"u8.ToArray(), Cancellation);
        await app.HeldAsync(1);
        var other = app.Client.SendAsync(Get, Cancellation);
        await app.HeldAsync(2);
        Assert.False(connection.DataAvailable);

        await app.ReadyAsync(pod.EndPoint);
        using var reader = new StreamReader(connection);
        var interim = await reader.ReadLineAsync(Cancellation);
        await connection.WriteAsync("order"u8.ToArray(), Cancellation);

        Assert.Equal("HTTP/1.1 100 Continue", interim);
        var rest = await reader.ReadToEndAsync(Cancellation);
        Assert.Contains("HTTP/1.1 200 OK", rest, StringComparison.Ordinal);
        Assert.Contains("got order", rest, StringComparison.Ordinal);
        await other;
    }

    [Fact(Timeout = 60_000)]
    public async Task Http2ClientThatExpectsAHundred_GetsItAtRelease()
    {
        await using var pod = await StubPod.StartAsync(context => context.Request.Body.CopyToAsync(context.Response.Body));
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        using var client = app.CreateClient(HttpVersion.Version20);
        var content = new DuplexContent("text/plain");
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://shop.test/") { Content = content, Headers = { ExpectContinue = true } };

        var response = client.SendAsync(request, Cancellation);
        await app.HeldAsync(1);

        // What was sent to the client before it has come before this, on the same connection.
        using var unknown = await client.SendAsync(new(HttpMethod.Get, "http://unknown.test/"), Cancellation);
        var asked = content.Begun;
        await app.ReadyAsync(pod.EndPoint);
        await content.WriteAsync("order"u8.ToArray());
        content.Complete();

        Assert.False(asked);
        Assert.Equal("order", await (await response).Content.ReadAsStringAsync(Cancellation));
    }

    [Fact(Timeout = 60_000)]
    public async Task RequestTimeoutShorterThanTheHold_EndsTheHold()
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("requestTimeout", "5s")));
        var response = app.Client.SendAsync(Get, Cancellation);
        await app.HeldAsync(1);

        app.Clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(HttpStatusCode.GatewayTimeout, (await response).StatusCode);
        Assert.Contains("requestTimeout, 5s", await (await response).Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }
}
