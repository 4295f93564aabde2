using System.Buffers.Binary;
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
        await UntilAsync(connection, frames => frames.Any(f => f.Type == 4)); // SETTINGS: it has been taken

        var stopped = app.Stopped;
        await app.Drain.BeginAsync();
        var frames = await UntilAsync(connection, _ => false);

        Assert.Contains(frames, f => f.Type == 7); // GOAWAY (RFC 9113, section 6.8)
        await stopped.WaitAsync(Cancellation);
    }

    [Fact(Timeout = 60_000)]
    public async Task WhileItLeaves_Http2ClientsAreToldToGoAndHaveTimeToReadTheirAnswers()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(["--Interceptor:DrainDelay=1h"], Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);
        await using var connection = await app.ConnectAsync(Cancellation);
        await connection.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0"u8.ToArray(), Cancellation);

        var leaving = app.Drain.BeginAsync();
        await connection.WriteAsync(Get(stream: 1), Cancellation);
        var frames = await UntilAsync(connection, frames => frames.Any(f => f.Ends(1)) && frames.Any(f => f.Type == 7));

        // The server looks at the connection when something comes, and sees that nothing is open on it.
        await connection.WriteAsync(new byte[] { 0, 0, 8, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, Cancellation);
        frames.AddRange(await UntilAsync(connection, more => frames.Concat(more).Any(f => f is { Type: 7, LastStream: 1 })));
        var end = UntilAsync(connection, _ => false);
        await app.Client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), Cancellation);
        var ended = end.IsCompleted;
        await Eventually.TrueAsync(() =>
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            return end.IsCompleted;
        });

        Assert.False(ended);
        await end;
        Assert.False(leaving.IsCompleted);
    }

    /// <summary>A request for the shop, as HEADERS with literal fields (RFC 7541, appendix A and section 6.2.2).</summary>
    private static byte[] Get(byte stream) => [0, 0, 14, 1, 5, 0, 0, 0, stream, 0x82, 0x86, 0x84, 0x01, 9, .. "shop.test"u8];

    /// <summary>Frames up to the one with which they are what is waited for, or to the end.</summary>
    private static async Task<List<Frame>> UntilAsync(Stream connection, Predicate<List<Frame>> enough)
    {
        var frames = new List<Frame>();
        while (!enough(frames) && await NextFrameAsync(connection) is { } frame)
        {
            frames.Add(frame);
        }

        return frames;
    }

    /// <summary>Null at the end.</summary>
    private static async Task<Frame?> NextFrameAsync(Stream connection)
    {
        var head = new byte[9];
        if (await connection.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, Cancellation) < head.Length)
        {
            return null;
        }

        var payload = new byte[(head[0] << 16) | (head[1] << 8) | head[2]];
        await connection.ReadExactlyAsync(payload, Cancellation);
        return new(head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)), payload);
    }

    private sealed record Frame(int Type, byte Flags, int Stream, byte[] Payload)
    {
        /// <summary>What a GOAWAY says.</summary>
        public int LastStream => BinaryPrimitives.ReadInt32BigEndian(Payload);

        /// <summary>END_STREAM of DATA or HEADERS.</summary>
        public bool Ends(int stream) => Type is 0 or 1 && (Flags & 1) == 1 && Stream == stream;
    }
}
