using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Wakegate.Interceptor.Tests;

public class SentOnceTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory(Timeout = 30_000)]
    [InlineData("POST", 0)]
    [InlineData("POST", 5)]
    [InlineData("POST", 200_000)]
    [InlineData("DELETE", 0)]
    [InlineData("PUT", 5)]
    [InlineData("PATCH", 0)]
    public async Task PodClosesAKeptConnectionOnTheSecondRequest_ItHasSeenThatOnce(string method, int body)
    {
        await using var pod = new RawPod((number, _) => number == 0 ? RawPod.Ok("first") : null);
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);

        var first = await app.Client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), Cancellation);
        await first.Content.ReadAsStringAsync(Cancellation);
        var request = new HttpRequestMessage(new HttpMethod(method), "http://shop.test/second");
        request.Content = body > 0 ? new ByteArrayContent(new byte[body]) : null;
        var second = await app.Client.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.BadGateway, second.StatusCode);
        Assert.Contains("it was not sent again", await second.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Single(pod.Heads, head => head.StartsWith(method, StringComparison.Ordinal));
    }

    [Fact(Timeout = 30_000)]
    public async Task PostThatExpectsContinue_IsSeenOnceToo()
    {
        await using var pod = new RawPod((number, _) => number == 0 ? RawPod.Ok("first") : null);
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);

        await (await app.Client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), Cancellation)).Content.ReadAsStringAsync(Cancellation);
        var request = new HttpRequestMessage(HttpMethod.Post, "http://shop.test/second") { Content = new ByteArrayContent(new byte[5]) };
        request.Headers.ExpectContinue = true;
        var second = await app.Client.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.BadGateway, second.StatusCode);
        Assert.Single(pod.Heads, head => head.StartsWith("POST", StringComparison.Ordinal));
    }

    [Fact(Timeout = 30_000)]
    public async Task PodClosesAKeptConnectionOnAGet_ItIsSentAgain()
    {
        await using var pod = new RawPod((number, _) => number == 0 ? RawPod.Ok("answer") : null);
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);

        await (await app.Client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), Cancellation)).Content.ReadAsStringAsync(Cancellation);
        var second = await app.Client.SendAsync(new(HttpMethod.Get, "http://shop.test/second"), Cancellation);

        Assert.Equal("answer", await second.Content.ReadAsStringAsync(Cancellation));
    }

    [Theory(Timeout = 30_000)]
    [InlineData("GET", 2, "may be repeated")]
    [InlineData("POST", 1, "it was not sent again")]
    public async Task PodClosesEveryConnection_ItHasSeenWhatTheAnswerSays(string method, int times, string told)
    {
        await using var pod = new RawPod((_, _) => null);
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);

        var response = await app.Client.SendAsync(new(new HttpMethod(method), "http://shop.test/"), Cancellation);

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Contains(told, await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal(times, pod.Heads.Count);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task PodRefusesTheConnection_AnotherIsTried(string method)
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(Refusing(), pod.EndPoint);

        var responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => app.Client.SendAsync(
            new(new HttpMethod(method), "http://shop.test/") { Content = method == "POST" ? new ByteArrayContent(new byte[10]) : null }, Cancellation)));

        Assert.All(responses, r => Assert.Equal(HttpStatusCode.OK, r.StatusCode));
        Assert.Equal(20, pod.Seen.Count);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("h2c", "GET", true)]
    [InlineData("h2c", "GET", false)]
    [InlineData("https", "GET", true)]
    [InlineData("https", "POST", true)]
    [InlineData("https", "gRPC", true)]
    [InlineData("https", "POST", false)]
    [InlineData("https1", "POST", true)]
    [InlineData("https1", "POST", false)]
    public async Task PodAcceptsAndGoesNoFurther_RequestIsHeldAndSentOnce(string protocol, string kind, bool closes)
    {
        var bodies = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var pod = await StubPod.StartAsync(
            async context =>
            {
                using var reader = new StreamReader(context.Request.Body);
                bodies.Enqueue(await reader.ReadToEndAsync(Cancellation));
            },
            protocol == "https1" ? HttpProtocols.Http1 : HttpProtocols.Http2,
            tls: protocol != "h2c");
        await using var proxy = new FlakyListener(pod.EndPoint, closes);
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("protocol", protocol)));
        await app.ReadyAsync(proxy.EndPoint);

        using var client = app.CreateClient(HttpVersion.Version20);
        var responses = Enumerable.Range(0, 4).Select(_ => client.SendAsync(Request(kind), Cancellation)).ToList();
        await Testing.Eventually.TrueAsync(() =>
        {
            app.Clock.Advance(TimeSpan.FromMilliseconds(50));
            return proxy.Refused > 2;
        });
        Assert.DoesNotContain(responses, r => r.IsCompleted);
        proxy.Open = true;
        await Testing.Eventually.TrueAsync(() =>
        {
            app.Clock.Advance(TimeSpan.FromMilliseconds(50));
            return responses.TrueForAll(r => r.IsCompleted);
        });

        Assert.All(await Task.WhenAll(responses), r => Assert.Equal(HttpStatusCode.OK, r.StatusCode));
        Assert.Equal(Enumerable.Repeat(kind == "GET" ? "" : "order", 4), bodies);
    }

    [Fact(Timeout = 30_000)]
    public async Task OnlyPodRefuses_RequestIsHeldAndTriedAgainAfterAPause()
    {
        var endpoint = Refusing();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(endpoint);

        var response = app.Client.SendAsync(new(HttpMethod.Post, "http://shop.test/") { Content = new ByteArrayContent(new byte[10]) }, Cancellation);
        await app.HeldAsync(1);
        await Testing.Eventually.TrueAsync(() => app.Route().Counts.Waking == 1);
        await using var pod = await StubPod.StartAsync(endpoint);
        app.Clock.Advance(TimeSpan.FromMilliseconds(50));

        Assert.Equal(HttpStatusCode.OK, (await response).StatusCode);
        Assert.Single(pod.Seen);
    }

    [Fact(Timeout = 30_000)]
    public async Task OnlyPodRefusesForGood_HoldTimeoutEndsTheTries()
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("holdTimeout", "30s")));
        await app.ReadyAsync(Refusing());

        var response = app.Client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), Cancellation);
        await Testing.Eventually.TrueAsync(() =>
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            return response.IsCompleted;
        });

        Assert.Equal(HttpStatusCode.GatewayTimeout, (await response).StatusCode);
        await app.PendingAsync(0);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(FrameConduct.Refuse, "GET")]
    [InlineData(FrameConduct.Refuse, "POST")]
    [InlineData(FrameConduct.GoAwayBefore, "GET")]
    [InlineData(FrameConduct.GoAwayBefore, "POST")]
    public async Task PodSaysThatItHasNotLookedAtAStreamWithoutABody_ItIsSentAgain(FrameConduct conduct, string method)
    {
        await using var pod = new FramePod(number => number == 1 ? conduct : FrameConduct.Answer);
        var (status, _) = await SecondOverH2cAsync(pod, method, body: 0);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(3, pod.Requests);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(FrameConduct.Reset, 0)]
    [InlineData(FrameConduct.Reset, 5)]
    [InlineData(FrameConduct.Reset, 200_000)]
    [InlineData(FrameConduct.GoAwayAfter, 0)]
    [InlineData(FrameConduct.GoAwayAfter, 5)]
    [InlineData(FrameConduct.Close, 0)]
    [InlineData(FrameConduct.Close, 200_000)]
    public async Task PodEndsAStream_PostIsNotSentAgain(FrameConduct conduct, int body)
    {
        await using var pod = new FramePod(number => number == 0 ? FrameConduct.Answer : conduct);
        var (status, text) = await SecondOverH2cAsync(pod, "POST", body);

        Assert.Equal(HttpStatusCode.BadGateway, status);
        Assert.Contains("it was not sent again", text, StringComparison.Ordinal);
        Assert.Equal(2, pod.Requests);
    }

    /// <summary>Its headers are: so the handler does. The pod has refused the first, and the second ends without its body.</summary>
    [Theory(Timeout = 30_000)]
    [InlineData(FrameConduct.Refuse)]
    [InlineData(FrameConduct.GoAwayBefore)]
    public async Task PodSaysThatItHasNotLookedAtAStream_BodyThatHasBeenReadIsNotSentAgain(FrameConduct conduct)
    {
        await using var pod = new FramePod(number => number == 0 ? FrameConduct.Answer : conduct);
        var (status, text) = await SecondOverH2cAsync(pod, "POST", body: 5);

        Assert.Equal(HttpStatusCode.BadGateway, status);
        Assert.Contains("it was not sent again", text, StringComparison.Ordinal);

        // It may have refused the request before it was sent any of the body.
        Assert.InRange(pod.BodyBytes, 0, 5);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(FrameConduct.Reset)]
    [InlineData(FrameConduct.GoAwayAfter)]
    [InlineData(FrameConduct.Close)]
    public async Task PodEndsAStream_GetIsSentOnceMore(FrameConduct conduct)
    {
        await using var pod = new FramePod(number => number == 0 ? FrameConduct.Answer : conduct);
        var (status, text) = await SecondOverH2cAsync(pod, "GET", body: 0);

        Assert.Equal(HttpStatusCode.BadGateway, status);
        Assert.Contains("may be repeated", text, StringComparison.Ordinal);
        Assert.Equal(3, pod.Requests);
    }

    [Fact(Timeout = 30_000)]
    public async Task PodResetsAStreamWithinItsAnswer_ClientSeesItBrokenOffAndNothingIsSentAgain()
    {
        await using var pod = new FramePod(_ => FrameConduct.ResetWithinTheAnswer);
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("protocol", "h2c")));
        await app.ReadyAsync(pod.EndPoint);

        var response = await app.Client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), Cancellation);
        await using var body = await response.Content.ReadAsStreamAsync(Cancellation);
        var begun = new byte[FramePod.Begun.Length];
        await body.ReadExactlyAsync(begun, Cancellation);
        pod.Seen.SetResult();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(FramePod.Begun, begun);
        Assert.IsNotType<EndOfStreamException>(await Assert.ThrowsAnyAsync<IOException>(async () => await body.ReadExactlyAsync(begun, Cancellation)));
        Assert.Equal(1, pod.Requests);
    }

    /// <summary>The second request over a connection to the pod that is known to be good.</summary>
    private static async Task<(HttpStatusCode Status, string Body)> SecondOverH2cAsync(FramePod pod, string method, int body)
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("protocol", "h2c")));
        await app.ReadyAsync(pod.EndPoint);
        var first = await app.Client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), Cancellation);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);

        var request = new HttpRequestMessage(new HttpMethod(method), "http://shop.test/second");
        request.Content = body > 0 ? new ByteArrayContent(new byte[body]) : null;
        var second = await app.Client.SendAsync(request, Cancellation);
        return (second.StatusCode, await second.Content.ReadAsStringAsync(Cancellation));
    }

    private static HttpRequestMessage Request(string kind)
    {
        var request = new HttpRequestMessage(kind == "GET" ? HttpMethod.Get : HttpMethod.Post, "http://shop.test/");
        request.Content = kind == "GET" ? null : new StringContent("order");
        if (kind == "gRPC")
        {
            request.Content!.Headers.ContentType = new("application/grpc");
        }

        return request;
    }

    /// <summary>An address where nothing listens.</summary>
    private static IPEndPoint Refusing()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)socket.LocalEndPoint!;
    }
}
