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
