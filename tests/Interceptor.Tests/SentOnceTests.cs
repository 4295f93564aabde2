using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

public class SentOnceTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory(Timeout = 60_000)]
    [InlineData("POST", 0)]
    [InlineData("POST", 5)]
    [InlineData("POST", 200_000)]
    [InlineData("DELETE", 0)]
    [InlineData("PUT", 5)]
    [InlineData("PATCH", 0)]
    public async Task PodClosesAKeptConnectionOnTheSecondRequest_ItHasSeenThatOnce(string method, int body)
    {
        // Not the second of its connection: the first may have been given up as idle.
        var seen = 0;
        await using var pod = new RawPod((_, _) => Interlocked.Increment(ref seen) == 1 ? RawPod.Ok("first") : null);
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);

        var first = await app.Client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), Cancellation);
        await first.Content.ReadAsStringAsync(Cancellation);
        var second = await app.Client.SendAsync(Second(method, body), Cancellation);

        Assert.Equal(HttpStatusCode.BadGateway, second.StatusCode);
        Assert.Contains("it was not sent again", await second.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Single(pod.Heads, head => head.StartsWith(method, StringComparison.Ordinal));
    }

    [Fact(Timeout = 60_000)]
    public async Task PostThatExpectsContinue_IsSeenOnceToo()
    {
        // Not the second of its connection: the first may have been given up as idle.
        var seen = 0;
        await using var pod = new RawPod((_, _) => Interlocked.Increment(ref seen) == 1 ? RawPod.Ok("first") : null);
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);

        await (await app.Client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), Cancellation)).Content.ReadAsStringAsync(Cancellation);
        var request = new HttpRequestMessage(HttpMethod.Post, "http://shop.test/second") { Content = new ByteArrayContent(new byte[5]) };
        request.Headers.ExpectContinue = true;
        var second = await app.Client.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.BadGateway, second.StatusCode);
        Assert.Single(pod.Heads, head => head.StartsWith("POST", StringComparison.Ordinal));
    }

    [Fact(Timeout = 60_000)]
    public async Task PodClosesAKeptConnectionOnAGet_ItIsSentAgain()
    {
        await using var pod = new RawPod((number, _) => number == 0 ? RawPod.Ok("answer") : null);
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);

        await (await app.Client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), Cancellation)).Content.ReadAsStringAsync(Cancellation);
        var second = await app.Client.SendAsync(new(HttpMethod.Get, "http://shop.test/second"), Cancellation);

        Assert.Equal("answer", await second.Content.ReadAsStringAsync(Cancellation));
    }

    [Theory(Timeout = 60_000)]
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

    [Theory(Timeout = 60_000)]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task PodClosesAfterItsHeaders_NothingIsSentAgain(string method)
    {
        var seen = 0;
        await using var pod = new SocketServer(async (socket, stop) =>
        {
            using (socket)
            {
                await socket.ReceiveAsync(new byte[4096], stop);
                Interlocked.Increment(ref seen);
                await socket.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"u8.ToArray(), stop);
            }
        });
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);

        var response = await app.Client.SendAsync(new(new HttpMethod(method), "http://shop.test/"), Cancellation);

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Contains("/bad-response\"", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal(1, seen);
    }

    [Theory(Timeout = 60_000)]
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
    [InlineData("h2c", "POST", true)]
    [InlineData("h2c", "POST", false)]
    [InlineData("h2c", "gRPC", true)]
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
        await PassAsync(app, () => proxy.Refused > 2 || responses.Exists(r => r.IsCompleted));
        Assert.DoesNotContain(responses, r => r.IsCompleted);
        proxy.Open = true;
        await PassAsync(app, () => responses.TrueForAll(r => r.IsCompleted));

        Assert.All(await Task.WhenAll(responses), r => Assert.Equal(HttpStatusCode.OK, r.StatusCode));
        Assert.Equal(Enumerable.Repeat(kind == "GET" ? "" : "order", 4), bodies);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("https", "alert")]
    [InlineData("https1", "alert")]
    [InlineData("https", "HTTP")]
    [InlineData("https1", "HTTP")]
    public async Task PodFailsTheHandshake_RequestGoesToAnother(string protocol, string answer)
    {
        // An alert of TLS 1.2: internal_error. Or a server that does not know of TLS.
        byte[] bytes = answer == "alert" ? [0x15, 3, 3, 0, 2, 2, 80] : "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"u8.ToArray();
        var failed = 0;
        await using var bad = new SocketServer(async (socket, stop) =>
        {
            using (socket)
            {
                await socket.ReceiveAsync(new byte[4096], stop);
                await socket.SendAsync(bytes, stop);
                Interlocked.Increment(ref failed);
            }
        });
        await using var good = await StubPod.StartAsync(
            static context => context.Response.CompleteAsync(), protocol == "https1" ? HttpProtocols.Http1 : HttpProtocols.Http2, tls: true);
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("protocol", protocol)));
        await app.ReadyAsync(bad.EndPoint, good.EndPoint);

        // Until the bad one has had some: which of two comes first is chance.
        while (Volatile.Read(ref failed) < 3)
        {
            using var response = await app.Client.SendAsync(Request("POST"), Cancellation);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            app.Clock.Advance(TimeSpan.FromSeconds(2));
        }
    }

    [Theory(Timeout = 60_000)]
    [InlineData(null, 10)]
    [InlineData("SPDY/3.1", 0)]
    public async Task OnlyPodRefuses_RequestIsHeldAndTriedAgainAfterAPause(string? upgrade, int body)
    {
        var endpoint = Refusing();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(endpoint);

        var request = new HttpRequestMessage(HttpMethod.Post, "http://shop.test/") { Content = new ByteArrayContent(new byte[body]) };
        if (upgrade is not null)
        {
            request.Headers.Connection.Add("Upgrade");
            request.Headers.Upgrade.ParseAdd(upgrade);
        }

        var response = app.Client.SendAsync(request, Cancellation);
        await app.HeldAsync(1);
        await Eventually.TrueAsync(() => app.Route().Counts.Waking == 1);
        await using var pod = await StubPod.StartAsync(endpoint);
        app.Clock.Advance(TimeSpan.FromMilliseconds(50));

        Assert.Equal(HttpStatusCode.OK, (await response).StatusCode);
        Assert.Single(pod.Seen);
    }

    [Fact(Timeout = 60_000)]
    public async Task OnlyPodRefusesForGood_HoldTimeoutEndsTheTries()
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("holdTimeout", "30s")));
        await app.ReadyAsync(Refusing());

        var response = app.Client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), Cancellation);
        await Eventually.TrueAsync(() =>
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            return response.IsCompleted;
        });

        Assert.Equal(HttpStatusCode.GatewayTimeout, (await response).StatusCode);
        var problem = await (await response).Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("within holdTimeout, 30s. The last one that was tried: No connection to", problem, StringComparison.Ordinal);
        await app.PendingAsync(0);
    }

    [Theory(Timeout = 60_000)]
    [InlineData(FrameConduct.Refuse, "GET", 0)]
    [InlineData(FrameConduct.Refuse, "POST", 0)]
    [InlineData(FrameConduct.Refuse, "POST", 5)]
    [InlineData(FrameConduct.Refuse, "POST", 16_384)]
    [InlineData(FrameConduct.GoAwayBefore, "GET", 0)]
    [InlineData(FrameConduct.GoAwayBefore, "POST", 0)]
    [InlineData(FrameConduct.GoAwayBefore, "POST", 5)]
    [InlineData(FrameConduct.GoAwayBefore, "POST", 16_384)]
    public async Task PodSaysThatItHasNotLookedAtAStream_ItIsSentAgain(FrameConduct conduct, string method, int body)
    {
        await using var pod = new FramePod(number => number == 1 ? conduct : FrameConduct.Answer);
        var (status, _) = await SecondOverH2cAsync(pod, method, body);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(3, pod.Requests);

        // It may have refused the request before it was sent any of the body.
        Assert.InRange(pod.BodyBytes, body, 2 * body);
    }

    /// <summary>The client still sends when the pod refuses: what has come is sent again, and the rest when it comes.</summary>
    [Theory(Timeout = 60_000)]
    [InlineData(FrameConduct.Refuse, "1.1", 8L)]
    [InlineData(FrameConduct.Refuse, "1.1", null)]
    [InlineData(FrameConduct.Refuse, "2.0", 8L)]
    [InlineData(FrameConduct.Refuse, "2.0", null)]
    [InlineData(FrameConduct.GoAwayBefore, "1.1", 8L)]
    [InlineData(FrameConduct.GoAwayBefore, "2.0", 8L)]
    public async Task PodRefusesAStreamInTheMiddleOfItsBody_ItIsSentAgainWhole(FrameConduct conduct, string version, long? length)
    {
        await using var pod = new FramePod(number => number == 1 ? conduct : FrameConduct.Answer) { FirstBytes = 4 };
        await using var app = await StartOverH2cAsync(pod);
        using var client = app.CreateClient(Version.Parse(version));

        var (content, answering) = Send(client, length);
        await content.WriteAsync("four"u8.ToArray());
        await Eventually.TrueAsync(() => pod.Requests == 3);
        await content.WriteAsync("more"u8.ToArray());
        content.Complete();

        Assert.Equal(HttpStatusCode.OK, (await answering).StatusCode);
        Assert.Equal(4 + 8, pod.BodyBytes);
        await app.PendingAsync(0);
    }

    [Theory(Timeout = 60_000)]
    [InlineData(FrameConduct.Reset, 8L)]
    [InlineData(FrameConduct.Reset, null)]
    [InlineData(FrameConduct.GoAwayAfter, 8L)]
    [InlineData(FrameConduct.Close, 8L)]
    public async Task PodEndsAStreamInTheMiddleOfItsBody_ItIsNotSentAgain(FrameConduct conduct, long? length)
    {
        await using var pod = new FramePod(number => number == 0 ? FrameConduct.Answer : conduct) { FirstBytes = 4 };
        await using var app = await StartOverH2cAsync(pod);
        using var client = app.CreateClient(HttpVersion.Version20);

        var (content, answering) = Send(client, length);
        await content.WriteAsync("four"u8.ToArray());

        Assert.Equal(HttpStatusCode.BadGateway, (await answering).StatusCode);
        Assert.Equal(2, pod.Requests);
        content.Complete();
        await app.PendingAsync(0);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("1.1", 8L)]
    [InlineData("1.1", null)]
    [InlineData("2.0", 8L)]
    [InlineData("2.0", null)]
    public async Task PodIsNotThereInTheMiddleOfABody_ItIsSentOnceWhenThePodIs(string version, long? length)
    {
        var bodies = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var pod = await StubPod.StartAsync(
            async context =>
            {
                var body = new byte[8];
                await context.Request.Body.ReadExactlyAsync(body.AsMemory(0, 4));
                begun.SetResult();
                await context.Request.Body.ReadExactlyAsync(body.AsMemory(4));
                bodies.Enqueue(System.Text.Encoding.ASCII.GetString(body));
            },
            HttpProtocols.Http2);
        await using var proxy = new FlakyListener(pod.EndPoint, closes: true);
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("protocol", "h2c")));
        await app.ReadyAsync(proxy.EndPoint);
        using var client = app.CreateClient(Version.Parse(version));

        var (content, answering) = Send(client, length);
        await content.WriteAsync("four"u8.ToArray());
        await PassAsync(app, () => proxy.Refused > 2 || answering.IsCompleted);
        proxy.Open = true;
        await PassAsync(app, () => begun.Task.IsCompleted || answering.IsCompleted);
        await content.WriteAsync("more"u8.ToArray());
        content.Complete();

        Assert.Equal(HttpStatusCode.OK, (await answering).StatusCode);
        Assert.Equal("fourmore", Assert.Single(bodies));
        await app.PendingAsync(0);
    }

    /// <summary>The handler gives up after some tries. Then the pod is left alone for a moment, and the request waits for it, or for another.</summary>
    [Theory(Timeout = 60_000)]
    [InlineData(FrameConduct.Refuse, "GET", 0)]
    [InlineData(FrameConduct.Refuse, "POST", 0)]
    [InlineData(FrameConduct.Refuse, "POST", 500)]
    [InlineData(FrameConduct.GoAwayBefore, "GET", 0)]
    [InlineData(FrameConduct.GoAwayBefore, "POST", 500)]
    public async Task PodRefusesStreamsForAWhile_RequestIsHeldAndSentAgain(FrameConduct conduct, string method, int body)
    {
        await using var pod = new FramePod(number => number is > 0 and < 9 ? conduct : FrameConduct.Answer);
        await using var app = await StartOverH2cAsync(pod);

        var second = app.Client.SendAsync(Second(method, body), Cancellation);
        await PassAsync(app, () => second.IsCompleted);

        Assert.Equal(HttpStatusCode.OK, (await second).StatusCode);
        Assert.Equal(10, pod.Requests);
    }

    [Fact(Timeout = 60_000)]
    public async Task PodThatGoesAway_AnotherGetsTheRequestItRefusedWithItsBody()
    {
        await using var going = new FramePod(number => number == 0 ? FrameConduct.Answer : FrameConduct.GoAwayBefore);
        await using var coming = await StubPod.StartAsync(
            async context => await context.Request.Body.CopyToAsync(context.Response.Body, Cancellation), HttpProtocols.Http2);
        await using var app = await StartOverH2cAsync(going);

        going.Close();
        var order = app.Client.SendAsync(new(HttpMethod.Post, "http://shop.test/") { Content = new StringContent("order") }, Cancellation);
        await app.HeldAsync(1);
        await app.ReadyAsync(coming.EndPoint);

        Assert.Equal("order", await (await order).Content.ReadAsStringAsync(Cancellation));
    }

    [Theory(Timeout = 60_000)]
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
    [Theory(Timeout = 60_000)]
    [InlineData(FrameConduct.Refuse)]
    [InlineData(FrameConduct.GoAwayBefore)]
    public async Task PodSaysThatItHasNotLookedAtAStream_BodyThatIsNoLongerKeptIsNotSentAgain(FrameConduct conduct)
    {
        await using var pod = new FramePod(number => number == 0 ? FrameConduct.Answer : conduct) { FirstBytes = 20_000 };
        var (status, text) = await SecondOverH2cAsync(pod, "POST", body: 60_000);

        Assert.Equal(HttpStatusCode.BadGateway, status);
        Assert.Contains("it was not sent again", text, StringComparison.Ordinal);
    }

    [Theory(Timeout = 60_000)]
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

    [Fact(Timeout = 60_000)]
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

    /// <summary>An interceptor whose connection to the pod is known to be good: a first request has been answered.</summary>
    private static async Task<InterceptorApp> StartOverH2cAsync(FramePod pod)
    {
        var app = await InterceptorApp.StartAsync(Trigger.Shop(("protocol", "h2c")));
        await app.ReadyAsync(pod.EndPoint);
        using var first = await app.Client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), Cancellation);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        return app;
    }

    private static HttpRequestMessage Second(string method, int body) => new(new HttpMethod(method), "http://shop.test/second")
    {
        Content = body > 0 ? new ByteArrayContent(new byte[body]) : null,
    };

    /// <summary>The second request over that connection.</summary>
    private static async Task<(HttpStatusCode Status, string Body)> SecondOverH2cAsync(FramePod pod, string method, int body)
    {
        await using var app = await StartOverH2cAsync(pod);
        var second = await app.Client.SendAsync(Second(method, body), Cancellation);
        return (second.StatusCode, await second.Content.ReadAsStringAsync(Cancellation));
    }

    /// <summary>Has time pass until a condition holds.</summary>
    private static Task PassAsync(InterceptorApp app, Func<bool> condition) => Eventually.TrueAsync(() =>
    {
        app.Clock.Advance(TimeSpan.FromMilliseconds(50));
        return condition();
    });

    /// <summary>A POST whose body is sent as the test goes on.</summary>
    private static (DuplexContent Content, Task<HttpResponseMessage> Answering) Send(HttpMessageInvoker client, long? length)
    {
        var content = new DuplexContent("text/plain");
        content.Headers.ContentLength = length;
        return (content, client.SendAsync(new(HttpMethod.Post, "http://shop.test/second") { Content = content }, Cancellation));
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
    private static IPEndPoint Refusing() => new(IPAddress.Loopback, FreePort.Find());
}
