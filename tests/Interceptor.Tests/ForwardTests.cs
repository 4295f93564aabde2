using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

public class ForwardTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task HostAndTarget_PassUnchanged()
    {
        await using var pod = await StubPod.StartAsync(context => context.Response.WriteAsync(
            $"{context.Request.Headers.Host} {context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget}"));
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);
        await using var connection = await app.ConnectAsync(Cancellation);

        await connection.WriteAsync(
            "GET /a%2Fb/%7Euser/x;y=1?q=a+b&r=%C3%A9&s=[1] HTTP/1.1\r\nHost: Shop.TEST:8080\r\nConnection: close\r\n\r\n"u8.ToArray(), Cancellation);
        using var reader = new StreamReader(connection);

        Assert.EndsWith("Shop.TEST:8080 /a%2Fb/%7Euser/x;y=1?q=a+b&r=%C3%A9&s=[1]", (await reader.ReadToEndAsync(Cancellation)).TrimEnd('0', '\r', '\n'), StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task Headers_PassWithTheForwardingOnes()
    {
        await using var pod = await StubPod.StartAsync(context => context.Response.WriteAsJsonAsync(
            context.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString())));
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);
        var request = new HttpRequestMessage(HttpMethod.Get, "http://shop.test/");
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", "192.0.2.7");
        request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", "https");
        request.Headers.TryAddWithoutValidation("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        request.Headers.TryAddWithoutValidation("tracestate", "a=b");
        request.Headers.TryAddWithoutValidation("X-Mine", "yes");

        var response = await app.Client.SendAsync(request, Cancellation);
        var seen = JsonSerializer.Deserialize<Dictionary<string, string>>(await response.Content.ReadAsStringAsync(Cancellation))!;

        Assert.Equal("192.0.2.7, 127.0.0.1", seen["x-forwarded-for"]);
        Assert.Equal("https", seen["x-forwarded-proto"]);
        Assert.Equal("shop.test", seen["x-forwarded-host"]);
        Assert.Equal("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", seen["traceparent"]);
        Assert.Equal("a=b", seen["tracestate"]);
        Assert.Equal("yes", seen["x-mine"]);
        Assert.Equal("shop.test", seen["host"]);
        Assert.DoesNotContain("connection", seen.Keys);
    }

    [Fact(Timeout = 60_000)]
    public async Task HeaderValuesBeyondAscii_PassAsTheSameBytes()
    {
        await using var pod = new RawPod((_, head) => $"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Name: {head[(head.IndexOf("X-Name: ", StringComparison.Ordinal) + 8)..].Split('\r')[0]}\r\n\r\n");
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);
        await using var connection = await app.ConnectAsync(Cancellation);

        await connection.WriteAsync(Encoding.UTF8.GetBytes("GET / HTTP/1.1\r\nHost: shop.test\r\nX-Name: Zoë\r\nConnection: close\r\n\r\n"), Cancellation);
        using var reader = new StreamReader(connection, Encoding.UTF8);

        Assert.Contains("X-Name: Zoë", await reader.ReadToEndAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task GrpcShapedStream_PassesBothWaysWithTrailers()
    {
        await using var pod = await StubPod.StartAsync(
            async context =>
            {
                context.Response.ContentType = "application/grpc";
                await context.Response.Body.FlushAsync();
                var buffer = new byte[16];
                while (await context.Request.Body.ReadAsync(buffer) is > 0 and var read)
                {
                    await context.Response.Body.WriteAsync(buffer.AsMemory(0, read));
                }

                context.Response.AppendTrailer("grpc-status", "0");
            },
            HttpProtocols.Http2);
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);
        using var client = app.CreateClient(HttpVersion.Version20);
        var content = new DuplexContent("application/grpc");

        var response = await client.SendAsync(new(HttpMethod.Post, "http://shop.test/Chat") { Content = content }, Cancellation);
        await using var answers = await response.Content.ReadAsStreamAsync(Cancellation);
        for (var message = 0; message < 3; message++)
        {
            await content.WriteAsync(Encoding.UTF8.GetBytes($"ping {message}"));
            var echo = new byte[6];
            await answers.ReadExactlyAsync(echo, Cancellation);
            Assert.Equal($"ping {message}", Encoding.UTF8.GetString(echo));
        }

        content.Complete();
        Assert.Equal(0, await answers.ReadAsync(new byte[1], Cancellation));
        Assert.Equal("0", Assert.Single(response.TrailingHeaders.GetValues("grpc-status")));
        await app.PendingAsync(0);
    }

    [Fact(Timeout = 60_000)]
    public async Task PodEndsItsAnswerWhileTheClientStillSends_ClientHasItAll()
    {
        await using var pod = await StubPod.StartAsync(
            async context =>
            {
                context.Response.ContentType = "application/grpc";
                await context.Request.Body.ReadExactlyAsync(new byte[4]);
                context.Response.AppendTrailer("grpc-status", "0");
            },
            HttpProtocols.Http2);
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);
        using var client = app.CreateClient(HttpVersion.Version20);
        var content = new DuplexContent("application/grpc");

        var answering = client.SendAsync(new(HttpMethod.Post, "http://shop.test/Chat") { Content = content }, Cancellation);
        await content.WriteAsync("ping"u8.ToArray());
        var response = await answering;
        await response.Content.ReadAsByteArrayAsync(Cancellation);

        Assert.Equal("0", Assert.Single(response.TrailingHeaders.GetValues("grpc-status")));
        await app.PendingAsync(0);
        content.Complete();
    }

    /// <summary>As Java's client does with its first request. Only its headers count here: who waits for them alone gets them.</summary>
    [Fact(Timeout = 60_000)]
    public async Task ClientOffersAnUpgradeToH2c_ItIsAnsweredAsIfItHadNot()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var pod = await StubPod.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.FlushAsync();
            await gate.Task;
        });
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);
        var request = new HttpRequestMessage(HttpMethod.Get, "http://shop.test/");
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Upgrade.ParseAdd("h2c");

        var response = await app.Client.SendAsync(request, Cancellation);
        gate.SetResult();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Cancellation));
    }

    [Fact(Timeout = 60_000)]
    public async Task PodAnswersAndDoesNotReadTheBody_ClientHasItsAnswer()
    {
        await using var pod = new FramePod(_ => FrameConduct.AnswerAtOnce);
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("protocol", "h2c")));
        await app.ReadyAsync(pod.EndPoint);
        using var client = app.CreateClient(HttpVersion.Version20);

        // More than the pod's window takes.
        var response = await client.SendAsync(new(HttpMethod.Post, "http://shop.test/") { Content = new ByteArrayContent(new byte[500_000]) }, Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await app.PendingAsync(0);
    }

    [Fact(Timeout = 60_000)]
    public async Task PodDeclinesAnUpload_Http1ClientThatSendsItAllTheSameIsTold()
    {
        await using var pod = await StubPod.StartAsync(
            context =>
            {
                context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
                return Task.CompletedTask;
            },
            HttpProtocols.Http2);
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("protocol", "h2c")));
        await app.ReadyAsync(pod.EndPoint);
        await using var connection = await app.ConnectAsync(Cancellation);

        await connection.WriteAsync("POST / HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 3000000\r\n\r\n"u8.ToArray(), Cancellation);
        await connection.WriteAsync(new byte[1_000_000], Cancellation);
        await app.PendingAsync(0);
        await connection.WriteAsync(new byte[2_000_000], Cancellation);
        var status = new byte["HTTP/1.1 413".Length];
        await connection.ReadExactlyAsync(status, Cancellation);

        Assert.Equal("HTTP/1.1 413"u8.ToArray(), status);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("1.1", "http1")]
    [InlineData("2.0", "http1")]
    [InlineData("1.1", "h2c")]
    [InlineData("2.0", "h2c")]
    public async Task ClientLeavesInTheMiddleOfItsBody_PodSeesThatAndNothingIsLeft(string version, string protocol)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var broken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var pod = await StubPod.StartAsync(async context =>
        {
            await context.Request.Body.ReadExactlyAsync(new byte[4]);
            begun.SetResult();
            try
            {
                await context.Request.Body.CopyToAsync(Stream.Null);
            }
            catch (Exception gone) when (gone is IOException or OperationCanceledException)
            {
                broken.SetResult();
            }
        }, protocol == "h2c" ? HttpProtocols.Http2 : HttpProtocols.Http1);
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("protocol", protocol)));
        await app.ReadyAsync(pod.EndPoint);
        using var client = app.CreateClient(Version.Parse(version));
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var content = new DuplexContent("text/plain");

        var answering = client.SendAsync(new(HttpMethod.Post, "http://shop.test/") { Content = content }, leaving.Token);
        await content.WriteAsync("four"u8.ToArray());
        await begun.Task;
        await leaving.CancelAsync();

        await broken.Task;
        await app.PendingAsync(0);
        await Eventually.TrueAsync(() => app.Route().Pods.All[0].InFlight == 0);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answering);
    }

    [Fact(Timeout = 60_000)]
    public async Task HeadersThatConnectionNames_EndHere()
    {
        await using var pod = new RawPod((_, _) => "HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Hop,\r\nX-Hop: pod\r\nX-End: pod\r\nContent-Length: 2\r\n\r\nok");
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://shop.test/")
        {
            Headers = { { "Connection", "x-mine, Host" }, { "X-Mine", "client" }, { "X-End", "client" }, { "Upgrade-Insecure-Requests", "1" } },
        };

        using var response = await app.Client.SendAsync(request, Cancellation);

        var head = Assert.Single(pod.Heads);
        Assert.DoesNotContain("X-Mine", head, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("X-End: client", head, StringComparison.Ordinal);
        Assert.Contains("Host: shop.test", head, StringComparison.Ordinal);
        Assert.Contains("Upgrade-Insecure-Requests: 1", head, StringComparison.Ordinal);
        Assert.False(response.Headers.Contains("X-Hop"));
        Assert.True(response.Headers.Contains("X-End"));
    }

    [Fact(Timeout = 60_000)]
    public async Task ChunkedResponseThatAlsoNamesALength_IsWhole()
    {
        var more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var pod = new SocketServer(async (socket, stop) =>
        {
            using (socket)
            {
                await socket.ReceiveAsync(new byte[4096], stop);
                await socket.SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n5\r\nhello\r\n"u8.ToArray(), stop);
                await more.Task.WaitAsync(stop);
                await socket.SendAsync("6\r\n world\r\n0\r\n\r\n"u8.ToArray(), stop);
            }
        });
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);

        using var response = await app.Client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), Cancellation);
        await using var body = await response.Content.ReadAsStreamAsync(Cancellation);
        await body.ReadExactlyAsync(new byte[5], Cancellation);
        more.SetResult();
        using var rest = new StreamReader(body);

        Assert.Equal(" world", await rest.ReadToEndAsync(Cancellation));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("kubernetes.io/h2c", "HTTP/2")]
    [InlineData("http", "HTTP/1.1")]
    public async Task AppProtocolOfTheServicePort_DecidesHowThePodIsSpokenTo(string appProtocol, string expected)
    {
        var protocols = expected == "HTTP/2" ? HttpProtocols.Http2 : HttpProtocols.Http1;
        await using var pod = await StubPod.StartAsync(context => context.Response.WriteAsync(context.Request.Protocol), protocols);
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.Kubernetes.ApplyServiceAsync("shop", appProtocol);
        await app.ReadyAsync(pod.EndPoint);

        await Eventually.TrueAsync(async () =>
        {
            var response = await app.Client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), Cancellation);
            return await response.Content.ReadAsStringAsync(Cancellation) == expected;
        });
    }

    [Theory(Timeout = 60_000)]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task WebSocket_IsHeldAndThenEchoes(string version)
    {
        await using var pod = await StubPod.StartAsync(async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[64];
            var message = await socket.ReceiveAsync(buffer, Cancellation);
            await socket.SendAsync(buffer.AsMemory(0, message.Count), WebSocketMessageType.Text, endOfMessage: true, Cancellation);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Cancellation);
        });
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        using var socket = new ClientWebSocket { Options = { HttpVersion = Version.Parse(version), HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact } };
        using var client = app.CreateClient(Version.Parse(version));

        var connecting = socket.ConnectAsync(new Uri("ws://shop.test/ws"), client, Cancellation);
        await app.HeldAsync(1);
        await app.ReadyAsync(pod.EndPoint);
        await connecting;
        Assert.Equal(1, app.Route().Counts.Pending);
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, Cancellation);
        var buffer = new byte[64];
        var echo = await socket.ReceiveAsync(buffer, Cancellation);

        Assert.Equal("hello", Encoding.UTF8.GetString(buffer, 0, echo.Count));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Cancellation);
        await app.PendingAsync(0);
    }

    [Fact(Timeout = 60_000)]
    public async Task Upload_IsStreamedWithoutBuffering()
    {
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var pod = await StubPod.StartAsync(async context =>
        {
            var buffer = new byte[1];
            var length = 0;
            for (; await context.Request.Body.ReadAsync(buffer) > 0; length++)
            {
                first.TrySetResult();
            }

            await context.Response.WriteAsync($"{length}");
        });
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);
        var content = new DuplexContent("text/plain");

        var response = app.Client.SendAsync(new(HttpMethod.Post, "http://shop.test/") { Content = content }, Cancellation);
        await content.WriteAsync("a"u8.ToArray());
        await first.Task.WaitAsync(Cancellation);
        await content.WriteAsync("b"u8.ToArray());
        content.Complete();

        Assert.Equal("2", await (await response).Content.ReadAsStringAsync(Cancellation));
    }

    [Fact(Timeout = 60_000)]
    public async Task Download_IsStreamedWithoutBuffering()
    {
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var pod = await StubPod.StartAsync(async context =>
        {
            await context.Response.WriteAsync("a");
            await context.Response.Body.FlushAsync();
            await goOn.Task;
            await context.Response.WriteAsync("b");
        });
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);

        var response = await app.Client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), Cancellation);
        await using var body = await response.Content.ReadAsStreamAsync(Cancellation);
        var buffer = new byte[2];
        Assert.Equal(1, await body.ReadAsync(buffer, Cancellation));
        goOn.SetResult();

        Assert.Equal(1, await body.ReadAsync(buffer, Cancellation));
        Assert.Equal(0, await body.ReadAsync(buffer, Cancellation));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task PodBreaksOffItsResponse_ClientSeesItBroken(string version)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var pod = await StubPod.StartAsync(async context =>
        {
            context.Response.ContentLength = 10;
            await context.Response.WriteAsync("half");
            await context.Response.Body.FlushAsync();
            await seen.Task;
            context.Abort();
        });
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);
        using var client = app.CreateClient(Version.Parse(version));

        var response = await client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), Cancellation);
        seen.SetResult();

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => response.Content.ReadAsStringAsync(Cancellation));
        await app.PendingAsync(0);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task PodBreaksOffBeforeTheFirstByteOfItsBody_GetIsSentOnceMoreAndThenFails(string version)
    {
        await using var pod = await StubPod.StartAsync(async context =>
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            context.Response.ContentLength = 10;
            await context.Response.Body.FlushAsync();
            context.Abort();
        });
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);
        using var client = app.CreateClient(Version.Parse(version));

        var response = await client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), Cancellation);

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal(2, pod.Seen.Count);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("GET", null, "HTTP/1.1 200 OK\r\nX-Odd: a\u0001b\r\nContent-Length: 2\r\n\r\nok", "control character in header")]
    [InlineData("POST", null, "HTTP/1.1 200 OK\r\nX-Odd: a\u0001b\r\nContent-Length: 2\r\n\r\nok", "control character in header")]
    [InlineData("GET", "SPDY/3.1", "HTTP/1.1 200 OK\r\nX-Odd: a\u0001b\r\nContent-Length: 2\r\n\r\nok", "control character in header")]
    [InlineData("GET", null, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n", "switched protocols")]
    [InlineData("GET", null, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno length\r\n", "chunk")]
    [InlineData("GET", null, "SSH-2.0-OpenSSH_9.9\r\n\r\n", "invalid status line")]
    public async Task PodsResponseCannotBePassedOn_ClientIsToldWhyAndNothingIsSentAgain(string method, string? upgrade, string response, string why)
    {
        await using var pod = new RawPod((_, _) => response);
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);
        var connections = app.Route().Pods.All[0].Client;
        var request = new HttpRequestMessage(new HttpMethod(method), "http://shop.test/");
        if (upgrade is not null)
        {
            request.Headers.Connection.Add("Upgrade");
            request.Headers.Upgrade.ParseAdd(upgrade);
        }

        var answer = await app.Client.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        var told = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("/bad-response\"", told, StringComparison.Ordinal);
        Assert.Contains(why, told, StringComparison.Ordinal);
        Assert.Single(pod.Heads);
        await app.PendingAsync(0);
        Assert.Same(connections, app.Route().Pods.All[0].Client);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("1.1", true, 64)]
    [InlineData("1.1", false, 64)]
    [InlineData("1.1", true, 3_000_001)]
    [InlineData("1.1", false, 3_000_001)]
    [InlineData("2.0", true, 3_000_001)]
    [InlineData("2.0", false, 3_000_001)]
    public async Task Body_ComesWholeWithItsLengthOrWithout(string version, bool known, int length)
    {
        var body = new byte[length];
        new Random(1).NextBytes(body);
        await using var pod = await StubPod.StartAsync(context =>
        {
            context.Response.ContentLength = known ? length : null;
            return context.Response.Body.WriteAsync(body).AsTask();
        });
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);
        using var client = app.CreateClient(Version.Parse(version));

        var head = await client.SendAsync(new(HttpMethod.Head, "http://shop.test/"), Cancellation);
        var get = await client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), Cancellation);

        Assert.Equal(known ? length : null, head.Content.Headers.ContentLength);
        Assert.Equal(body, await get.Content.ReadAsByteArrayAsync(Cancellation));
    }

    [Fact(Timeout = 60_000)]
    public async Task TrailersOfAGet_Pass()
    {
        await using var pod = await StubPod.StartAsync(
            async context =>
            {
                context.Response.DeclareTrailer("X-Sum");
                await context.Response.WriteAsync("hello");
                context.Response.AppendTrailer("X-Sum", "5");
            },
            HttpProtocols.Http2);
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("protocol", "h2c")));
        await app.ReadyAsync(pod.EndPoint);
        using var client = app.CreateClient(HttpVersion.Version20);

        var response = await client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), Cancellation);

        Assert.Equal("hello", await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal("5", response.TrailingHeaders.GetValues("X-Sum").Single());
    }
}
