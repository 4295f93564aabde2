using System.Net;
using Microsoft.AspNetCore.Http;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

public class DrainTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task WhileItLeaves_ItIsNotReadyButAccepts()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(["--Interceptor:DrainDelay=10s"], Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);
        using var admin = new HttpClient { BaseAddress = new Uri($"http://{app.Admin}") };
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/readyz", Cancellation)).StatusCode);

        var leaving = app.Drain.BeginAsync();
        var readyz = await admin.GetAsync("/readyz", Cancellation);
        var livez = await admin.GetAsync("/livez", Cancellation);
        var served = await app.Client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), Cancellation);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, readyz.StatusCode);
        Assert.Equal(HttpStatusCode.OK, livez.StatusCode);
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
        Assert.False(leaving.IsCompleted);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("1.1", "http://shop.test/", true)]
    [InlineData("1.1", "http://nobody.test/", true)]
    [InlineData("2.0", "http://shop.test/", false)]
    public async Task WhileItLeaves_HttpOneClientsAreTurnedAwayAfterTheirAnswer(string version, string url, bool closed)
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(["--Interceptor:DrainDelay=10s"], Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);
        using var client = app.CreateClient(Version.Parse(version));
        var before = await client.SendAsync(new(HttpMethod.Get, url), Cancellation);

        var leaving = app.Drain.BeginAsync();
        var after = await client.SendAsync(new(HttpMethod.Get, url), Cancellation);

        Assert.NotEqual(true, before.Headers.ConnectionClose);
        Assert.Equal(closed, after.Headers.ConnectionClose ?? false);
        Assert.Equal(before.StatusCode, after.StatusCode);
        Assert.False(leaving.IsCompleted);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task RequestInFlight_FinishesBeforeItStops(string version)
    {
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var pod = await StubPod.StartAsync(async context =>
        {
            await goOn.Task;
            await context.Response.WriteAsync("done");
        });
        await using var app = await InterceptorApp.StartAsync(["--Interceptor:DrainDelay=0"], Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);
        using var client = app.CreateClient(Version.Parse(version));
        var response = client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), Cancellation);
        await Eventually.TrueAsync(() => pod.Seen.Count == 1);

        var stopped = app.Stopped;
        await app.Drain.BeginAsync();
        Assert.False(stopped.IsCompleted);
        goOn.SetResult();

        Assert.Equal("done", await (await response).Content.ReadAsStringAsync(Cancellation));
        await stopped.WaitAsync(Cancellation);
    }

    [Fact(Timeout = 60_000)]
    public async Task EndlessStream_IsEndedBeforeTheTimeIsUp()
    {
        await using var pod = await StubPod.StartAsync(async context =>
        {
            await context.Response.StartAsync();
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        await using var app = await InterceptorApp.StartAsync(
            ["--Interceptor:DrainDelay=0", "--Interceptor:StopTimeout=1m"], Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);
        var response = await app.Client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), Cancellation);

        var stopped = app.Stopped;
        await app.Drain.BeginAsync();
        app.Clock.Advance(TimeSpan.FromSeconds(54));
        Assert.Equal(1, app.Route().Counts.Pending);
        app.Clock.Advance(TimeSpan.FromSeconds(1));

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => response.Content.ReadAsStringAsync(Cancellation));
        await stopped.WaitAsync(Cancellation);
    }

    [Fact(Timeout = 60_000)]
    public async Task HeldRequest_IsToldBeforeTheTimeIsUp()
    {
        await using var app = await InterceptorApp.StartAsync(
            ["--Interceptor:DrainDelay=0", "--Interceptor:StopTimeout=1m"], Trigger.Shop());
        var response = app.Client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), Cancellation);
        await app.HeldAsync(1);

        var stopped = app.Stopped;
        await app.Drain.BeginAsync();
        app.Clock.Advance(TimeSpan.FromSeconds(54));
        Assert.Equal(1, app.Route().Queue.Count);
        app.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await response).StatusCode);
        Assert.Contains("stopping", await (await response).Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        await stopped.WaitAsync(Cancellation);
    }

    [Fact(Timeout = 60_000)]
    public async Task HeldRequest_IsStillReleasedWhileItLeaves()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(["--Interceptor:DrainDelay=0"], Trigger.Shop());
        var response = app.Client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), Cancellation);
        await app.HeldAsync(1);

        var stopped = app.Stopped;
        await app.Drain.BeginAsync();
        await app.ReadyAsync(pod.EndPoint);

        Assert.Equal(HttpStatusCode.OK, (await response).StatusCode);
        await stopped.WaitAsync(Cancellation);
    }

    [Fact(Timeout = 60_000)]
    public async Task Http2Client_IsToldByGoAway()
    {
        await using var app = await InterceptorApp.StartAsync(["--Interceptor:DrainDelay=0"]);
        await using var connection = await app.ConnectAsync(Cancellation);
        await connection.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0"u8.ToArray(), Cancellation);
        Assert.Equal(4, await FrameTypeAsync(connection)); // SETTINGS: it has been taken

        var stopped = app.Stopped;
        await app.Drain.BeginAsync();
        var types = new List<int?>();
        while (await FrameTypeAsync(connection) is { } type)
        {
            types.Add(type);
        }

        Assert.Contains(7, types); // GOAWAY (RFC 9113, section 6.8)
        await stopped.WaitAsync(Cancellation);
    }

    /// <summary>Of the next frame; null at the end.</summary>
    private static async Task<int?> FrameTypeAsync(Stream connection)
    {
        var head = new byte[9];
        if (await connection.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, Cancellation) < head.Length)
        {
            return null;
        }

        await connection.ReadExactlyAsync(new byte[(head[0] << 16) | (head[1] << 8) | head[2]], Cancellation);
        return head[3];
    }
}
