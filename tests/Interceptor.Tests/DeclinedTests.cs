using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

/// <summary>Requests that a pod will not have, which any client can send: they must not keep others from it.</summary>
public class DeclinedTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task GrpcCallToAPodThatSpeaksHttp1Alone_IsToldSoAndOthersGoOn()
    {
        await using var pod = Http1Pod();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);
        Assert.Equal(HttpStatusCode.OK, (await app.Client.SendAsync(Get(), Cancellation)).StatusCode);

        // Where the HTTP client gives up before it has learnt why, it is tried again.
        var answer = app.Client.SendAsync(Grpc(), Cancellation);
        await PassAsync(app, () => answer.IsCompleted);

        var declined = await answer;
        Assert.Equal("14", Assert.Single(declined.Headers.GetValues("grpc-status")));
        Assert.Contains("HTTP/2 in clear text", Assert.Single(declined.Headers.GetValues("grpc-message")), StringComparison.Ordinal);
        Assert.True(app.Route().Pods.AnyUsable);
        Assert.Equal(HttpStatusCode.OK, (await app.Client.SendAsync(Get(), Cancellation)).StatusCode);
        await app.PendingAsync(0);
    }

    [Fact(Timeout = 60_000)]
    public async Task GrpcCallAtTheHeadOfTheLineOfSuchAPod_DoesNotStopTheLine()
    {
        await using var pod = Http1Pod();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("podConcurrency", "1")));
        var declined = app.Client.SendAsync(Grpc(), Cancellation);
        await app.HeldAsync(1);
        var others = new List<Task<HttpResponseMessage>> { app.Client.SendAsync(Get(), Cancellation), app.Client.SendAsync(Get(), Cancellation) };
        await app.HeldAsync(3);

        await app.ReadyAsync(pod.EndPoint);
        await PassAsync(app, () => declined.IsCompleted && others.TrueForAll(o => o.IsCompleted));

        Assert.All(await Task.WhenAll(others), r => Assert.Equal(HttpStatusCode.OK, r.StatusCode));
        Assert.Equal("14", Assert.Single((await declined).Headers.GetValues("grpc-status")));
    }

    [Fact(Timeout = 60_000)]
    public async Task PodThatStallsOverAProtocolInWhichItHasNotAnsweredYet_IsTriedAgain()
    {
        await using var pod = await StubPod.StartAsync();
        await using var front = new FlakyListener(pod.EndPoint, closes: false) { Open = true };
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(front.EndPoint);
        Assert.Equal(HttpStatusCode.OK, (await app.Client.SendAsync(Get(), Cancellation)).StatusCode);

        front.Open = false;
        var answer = app.Client.SendAsync(Grpc(), Cancellation);

        await PassAsync(app, () => front.Refused == 2);
        Assert.False(answer.IsCompleted);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("https")]
    [InlineData("https1")]
    public async Task NameThatAPodDoesNotServeOverTls_IsToldSoAndOthersGoOn(string protocol)
    {
        await using var pod = await StubPod.StartAsync(
            static context => context.Response.WriteAsync("hello"), protocol == "https1" ? HttpProtocols.Http1 : HttpProtocols.Http2, tls: true);

        // An alert of TLS 1.2: unrecognized_name.
        await using var front = new FlakyListener(pod.EndPoint, closes: true, [0x15, 3, 3, 0, 2, 2, 112]) { Open = true };
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("hosts", "shop.test,*.shop.test"), ("protocol", protocol)));
        await app.ReadyAsync(front.EndPoint);
        Assert.Equal(HttpStatusCode.OK, (await app.Client.SendAsync(Get("a.shop.test"), Cancellation)).StatusCode);

        front.Open = false;
        var declined = await app.Client.SendAsync(Get("b.shop.test"), Cancellation);

        Assert.Equal(HttpStatusCode.BadGateway, declined.StatusCode);
        Assert.Contains("/protocol-declined\"", await declined.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.True(app.Route("a.shop.test").Pods.AnyUsable);
        front.Open = true;
        Assert.Equal(HttpStatusCode.OK, (await app.Client.SendAsync(Get("a.shop.test"), Cancellation)).StatusCode);
    }

    /// <summary>It closes the connection on what is no HTTP/1.1, as Tomcat does.</summary>
    private static RawPod Http1Pod() => new(static (_, head) => head.StartsWith("PRI ", StringComparison.Ordinal) ? null : RawPod.Ok("hello"));

    private static HttpRequestMessage Get(string host = "shop.test") => new(HttpMethod.Get, $"http://{host}/");

    private static HttpRequestMessage Grpc()
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "http://shop.test/shop.Shop/Buy") { Content = new ByteArrayContent(new byte[5]) };
        request.Content.Headers.ContentType = new("application/grpc");
        return request;
    }

    private static Task PassAsync(InterceptorApp app, Func<bool> condition) => Eventually.TrueAsync(() =>
    {
        app.Clock.Advance(TimeSpan.FromMilliseconds(50));
        return condition();
    });
}
