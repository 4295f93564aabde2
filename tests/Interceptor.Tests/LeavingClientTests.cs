using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

public class LeavingClientTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory(Timeout = 60_000)]
    [InlineData(0)]
    [InlineData(100_000)]
    public async Task Http1ClientWithABodyThatFitsTheBuffer_LeavesAndIsNoticed(int body)
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await using (var connection = await app.ConnectAsync(Cancellation))
        {
            await connection.WriteAsync(Post(body), Cancellation);
            await connection.WriteAsync(new byte[body], Cancellation);
            await app.HeldAsync(1);
        }

        await app.HeldAsync(0);
        await app.PendingAsync(0);
        Assert.Equal(0, app.Route().Counts.Waking);
    }

    [Fact(Timeout = 60_000)]
    public async Task Http1ClientWithABodyBeyondTheBuffer_FreesItsPlaceAtTheHoldTimeout()
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("holdTimeout", "30s")));
        await SendMuchAndLeaveAsync(app);

        Assert.Equal(1, app.Route().Counts.Pending);
        app.Clock.Advance(TimeSpan.FromSeconds(30));

        await app.PendingAsync(0);
    }

    [Fact(Timeout = 60_000)]
    public async Task Http1ClientWithABodyBeyondTheBuffer_FreesItsPlaceWhenAPodIsReady()
    {
        await using var pod = await StubPod.StartAsync(context => context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted));
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await SendMuchAndLeaveAsync(app);

        Assert.Equal(1, app.Route().Counts.Pending);
        await app.ReadyAsync(pod.EndPoint);

        await app.PendingAsync(0);
    }

    [Theory(Timeout = 60_000)]
    [InlineData(0)]
    [InlineData(100_000)]
    [InlineData(5_000_000)]
    public async Task Http2Client_LeavesAndIsNoticed(int body)
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        using var client = app.CreateClient(HttpVersion.Version20);
        using var leaving = new CancellationTokenSource();
        var request = new HttpRequestMessage(HttpMethod.Post, "http://shop.test/") { Content = new ByteArrayContent(new byte[body]) };
        var response = client.SendAsync(request, leaving.Token);
        await app.HeldAsync(1);

        await leaving.CancelAsync();

        await app.HeldAsync(0);
        await app.PendingAsync(0);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => response);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task ClientOfARequestInFlight_LeavesAndIsNoticed(string version)
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var pod = await StubPod.StartAsync(async context =>
        {
            await using var registration = context.RequestAborted.Register(told.SetResult);
            await told.Task;
        });
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);
        using var client = app.CreateClient(Version.Parse(version));
        using var leaving = new CancellationTokenSource();
        var response = client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), leaving.Token);
        await Eventually.TrueAsync(() => pod.Seen.Count == 1);

        await leaving.CancelAsync();

        await told.Task.WaitAsync(Cancellation);
        await app.PendingAsync(0);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => response);
    }

    [Fact(Timeout = 60_000)]
    public async Task Http1ClientWhoseBodyIsReadAndNotYetSent_LeavesWithoutAWarning()
    {
        // It gives no more room than HTTP/2 begins with, so that the rest is read and waits.
        const int Window = 65_535;
        const int Body = 200_000;
        await using var pod = new FramePod(static _ => FrameConduct.Answer);
        using var log = new LogLines();
        await using (var app = await InterceptorApp.StartAsync(Trigger.Shop(("protocol", "h2c"))))
        {
            app.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);
            await using (var connection = await app.ConnectAsync(Cancellation))
            {
                await connection.WriteAsync(Post(Body), Cancellation);
                await connection.WriteAsync(new byte[Body], Cancellation);
                await app.HeldAsync(1);
                await app.ReadyAsync(pod.EndPoint);
                await Eventually.TrueAsync(() => pod.BodyBytes == Window);
            }

            await app.PendingAsync(0);
        }

        Assert.DoesNotContain(log.Written, line => line.Contains("ended abnormally", StringComparison.Ordinal));
    }

    /// <summary>Leaves a request held whose body is not all in any buffer.</summary>
    private static async Task SendMuchAndLeaveAsync(InterceptorApp app)
    {
        using var leaving = new CancellationTokenSource();
        await using var connection = await app.ConnectAsync(Cancellation);
        await connection.WriteAsync(Post(5_000_000), Cancellation);
        var writing = connection.WriteAsync(new byte[5_000_000], leaving.Token).AsTask();
        await app.HeldAsync(1);
        await leaving.CancelAsync();
        await writing.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    private static byte[] Post(int length) => Encoding.ASCII.GetBytes($"POST / HTTP/1.1\r\nHost: shop.test\r\nContent-Length: {length}\r\n\r\n");
}
