using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

public class TimeoutTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory(Timeout = 60_000)]
    [InlineData("responseTimeout")]
    [InlineData("requestTimeout")]
    public async Task PodIsSilent_AnswersGatewayTimeout(string key)
    {
        await using var pod = await StubPod.StartAsync(context => SilentAsync(context));
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop((key, "20s")));
        await app.ReadyAsync(pod.EndPoint);

        var response = app.Client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), Cancellation);
        await Eventually.TrueAsync(() => pod.Seen.Count == 1);
        app.Clock.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal(HttpStatusCode.GatewayTimeout, (await response).StatusCode);
        Assert.Contains($"{key}, 20s", await (await response).Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        await app.PendingAsync(0);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("responseTimeout", "http1", "1.1")]
    [InlineData("responseTimeout", "http1", "2.0")]
    [InlineData("responseTimeout", "h2c", "1.1")]
    [InlineData("responseTimeout", "h2c", "2.0")]
    [InlineData("requestTimeout", "http1", "2.0")]
    public async Task ClientHasNotSentAllOfItsBody_IsToldSoAndThePodHasNotFailed(string key, string protocol, string version)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var pod = await StubPod.StartAsync(
            async context =>
            {
                if (HttpMethods.IsPost(context.Request.Method))
                {
                    await context.Request.Body.ReadExactlyAsync(new byte[5]);
                    begun.SetResult();
                    await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
                }
            },
            protocol == "h2c" ? HttpProtocols.Http2 : HttpProtocols.Http1);
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop((key, "20s"), ("protocol", protocol)));
        using var metrics = app.Measure();
        await app.ReadyAsync(pod.EndPoint);
        using var client = app.CreateClient(Version.Parse(version));
        var content = new DuplexContent("text/plain");

        var answering = client.SendAsync(new(HttpMethod.Post, "http://shop.test/") { Content = content }, Cancellation);
        await content.WriteAsync("piece"u8.ToArray());
        await begun.Task;

        // Over HTTP/2 the pod may have the piece before it is known to be sent; not before another request has been there and back.
        (await client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), Cancellation)).Dispose();
        app.Clock.Advance(TimeSpan.FromSeconds(20));
        await app.PendingAsync(0);
        content.Complete();

        Assert.Equal(HttpStatusCode.RequestTimeout, (await answering).StatusCode);
        var told = await (await answering).Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("/body-timeout\"", told, StringComparison.Ordinal);
        Assert.Contains("had not come whole within", told, StringComparison.Ordinal);
        Assert.Contains($"{key}, 20s", told, StringComparison.Ordinal);
        Assert.Equal(["namespace=store route=shop problem=body-timeout: 1"], metrics.Observe("wakegate.interceptor.problems"));
        Assert.Empty(metrics.Observe("wakegate.interceptor.pod.failures"));
    }

    [Fact(Timeout = 60_000)]
    public async Task PodDoesNotTakeTheBody_IsThePodsFailure()
    {
        // It gives no more room than HTTP/2 begins with.
        const int Window = 65_535;
        const int Body = 200_000;
        await using var pod = new FramePod(_ => FrameConduct.Answer);
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("responseTimeout", "20s"), ("protocol", "h2c")));
        using var metrics = app.Measure();
        await app.ReadyAsync(pod.EndPoint);

        var answering = app.Client.SendAsync(new(HttpMethod.Post, "http://shop.test/") { Content = new ByteArrayContent(new byte[Body]) }, Cancellation);
        await Eventually.TrueAsync(() => pod.BodyBytes == Window);
        app.Clock.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal(HttpStatusCode.GatewayTimeout, (await answering).StatusCode);
        Assert.Contains("did not answer within", await (await answering).Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal(["namespace=store route=shop reason=timed_out: 1"], metrics.Observe("wakegate.interceptor.pod.failures"));
    }

    [Fact(Timeout = 60_000)]
    public async Task GrpcCallThatItsClientKeepsOpen_RequestTimeoutIsThePodsFailure()
    {
        await using var pod = await StubPod.StartAsync(context => SilentAsync(context), HttpProtocols.Http2);
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("requestTimeout", "20s")));
        using var metrics = app.Measure();
        await app.ReadyAsync(pod.EndPoint);
        using var client = app.CreateClient(HttpVersion.Version20);
        var content = new DuplexContent("application/grpc");

        var answering = client.SendAsync(new(HttpMethod.Post, "http://shop.test/Chat") { Content = content }, Cancellation);
        await content.WriteAsync("ping"u8.ToArray());
        await Eventually.TrueAsync(() => pod.Seen.Count == 1);
        app.Clock.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal("14", Assert.Single((await answering).Headers.GetValues("grpc-status")));
        Assert.Equal(["namespace=store route=shop reason=timed_out: 1"], metrics.Observe("wakegate.interceptor.pod.failures"));
        content.Complete();
    }

    [Fact(Timeout = 60_000)]
    public async Task PodBreaksOffAfterTheHoldTimeout_AnswersThatItDid()
    {
        await using var pod = await StubPod.StartAsync(context => SilentAsync(context));
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("holdTimeout", "20s")));
        await app.ReadyAsync(pod.EndPoint);

        var response = app.Client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), Cancellation);
        await Eventually.TrueAsync(() => pod.Seen.Count == 1);
        app.Clock.Advance(TimeSpan.FromSeconds(21));
        await pod.DisposeAsync();

        Assert.Equal(HttpStatusCode.BadGateway, (await response).StatusCode);
        Assert.Contains("connection-lost", await (await response).Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task ResponseHasStarted_ResponseTimeoutNoLongerApplies()
    {
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var pod = await StubPod.StartAsync(async context =>
        {
            await context.Response.StartAsync();
            await context.Response.Body.FlushAsync();
            await goOn.Task;
            await context.Response.WriteAsync("late");
        });
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("responseTimeout", "20s")));
        await app.ReadyAsync(pod.EndPoint);

        var response = await app.Client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), Cancellation);
        app.Clock.Advance(TimeSpan.FromHours(1));
        goOn.SetResult();

        Assert.Equal("late", await response.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact(Timeout = 60_000)]
    public async Task RequestTimeoutInTheMiddleOfAResponse_BreaksItOff()
    {
        await using var pod = await StubPod.StartAsync(async context =>
        {
            await context.Response.WriteAsync("first");
            await context.Response.Body.FlushAsync();
            await SilentAsync(context);
        });
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("requestTimeout", "20s")));
        await app.ReadyAsync(pod.EndPoint);

        var response = await app.Client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), Cancellation);
        app.Clock.Advance(TimeSpan.FromSeconds(20));

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => response.Content.ReadAsStringAsync(Cancellation));
        await app.PendingAsync(0);
    }

    [Fact(Timeout = 60_000)]
    public async Task ResponseTimeout_RunsFromReleaseNotFromArrival()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("responseTimeout", "20s")));

        var response = app.Client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), Cancellation);
        await app.HeldAsync(1);
        app.Clock.Advance(TimeSpan.FromSeconds(60));
        await app.ReadyAsync(pod.EndPoint);

        Assert.Equal(HttpStatusCode.OK, (await response).StatusCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task SharedConnectionThatIsSilent_NextRequestDials()
    {
        var connections = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var pod = await StubPod.StartAsync(
            context =>
            {
                connections.Enqueue(context.Connection.Id);
                return context.Request.Path == "/silent" ? SilentAsync(context) : context.Response.WriteAsync("hello");
            },
            HttpProtocols.Http2);
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("responseTimeout", "0s"), ("protocol", "h2c")));
        await app.ReadyAsync(pod.EndPoint);
        Task<HttpResponseMessage> GetAsync(string path) => app.Client.SendAsync(new(HttpMethod.Get, $"http://shop.test{path}"), Cancellation);

        _ = GetAsync("/silent");
        await Eventually.TrueAsync(() => connections.Count == 1);
        app.Clock.Advance(TimeSpan.FromSeconds(5));
        _ = GetAsync("/silent");
        await Eventually.TrueAsync(() => connections.Count == 2);
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, (await GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync("/")).StatusCode);

        var all = connections.ToArray();
        Assert.Equal(all[0], all[1]);
        Assert.NotEqual(all[0], all[2]);
        Assert.Equal(all[2], all[3]);
    }

    [Fact(Timeout = 60_000)]
    public async Task SilentGrpcCall_HasNoResponseTimeout()
    {
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var pod = await StubPod.StartAsync(
            async context =>
            {
                await goOn.Task;
                await context.Response.WriteAsync("late");
            },
            HttpProtocols.Http2);
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("responseTimeout", "20s")));
        await app.ReadyAsync(pod.EndPoint);
        using var client = app.CreateClient(HttpVersion.Version20);
        var call = new HttpRequestMessage(HttpMethod.Post, "http://shop.test/") { Content = new ByteArrayContent([]) };
        call.Content.Headers.ContentType = new("application/grpc");

        var response = client.SendAsync(call, Cancellation);
        await Eventually.TrueAsync(() => pod.Seen.Count == 1);
        app.Clock.Advance(TimeSpan.FromHours(1));
        goOn.SetResult();

        Assert.Equal("late", await (await response).Content.ReadAsStringAsync(Cancellation));
    }

    private static Task SilentAsync(HttpContext context) =>
        Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
}
