using System.Net;
using System.Text;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

public class BudgetTests
{
    private static readonly Trigger Other = new("sale", ("hosts", "sale.test"), ("service", "sale"), ("port", "80"));

    private static readonly Trigger Patient = Trigger.Shop(("holdTimeout", "24h"));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task RouteThatFloods_LeavesPlacesForTheOthers()
    {
        await using var app = await InterceptorApp.StartAsync(["--Hold:MaxRequests=20"], Trigger.Shop(), Other);

        var flood = Enumerable.Range(0, 40).Select(_ => app.Client.SendAsync(Get("shop.test"), Cancellation)).ToList();
        await Eventually.TrueAsync(() => flood.Count(f => f.IsCompleted) == 24);
        var others = Enumerable.Range(0, 3).Select(_ => app.Client.SendAsync(Get("sale.test"), Cancellation)).ToList();
        await app.HeldAsync(3, "sale.test");

        Assert.Equal(16, app.Route().Queue.Count);
        Assert.Equal(19, app.Budget.Requests);
        var answered = await Task.WhenAll(flood.Where(f => f.IsCompleted));
        Assert.All(answered, a => Assert.Equal(HttpStatusCode.ServiceUnavailable, a.StatusCode));
        var refused = answered[0];
        Assert.Contains("Hold:MaxRequests", await refused.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.All(others, o => Assert.False(o.IsCompleted));
    }

    [Fact(Timeout = 60_000)]
    public async Task RouteThatHoldsNothing_IsToldToComeBackWhenItsPodMayHaveCome()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(["--Hold:MaxRequests=1"], Patient, Other);
        var first = app.Client.SendAsync(Get("shop.test"), Cancellation);
        await app.HeldAsync(1);
        app.Clock.Advance(TimeSpan.FromSeconds(40));
        await app.ReadyAsync(pod.EndPoint);
        await first;
        await app.ReadyAsync();
        using var leaving = new CancellationTokenSource();
        var other = app.Client.SendAsync(Get("sale.test"), leaving.Token);
        await app.HeldAsync(1, "sale.test");

        var refused = await app.Client.SendAsync(Get("shop.test"), Cancellation);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(40), refused.Headers.RetryAfter?.Delta);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => other);
    }

    [Fact(Timeout = 60_000)]
    public async Task HeldRequestsThatEnd_GiveTheirPlacesBack()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(["--Hold:MaxRequests=20"], Trigger.Shop());

        for (var round = 0; round < 5; round++)
        {
            var held = Enumerable.Range(0, 16).Select(_ => app.Client.SendAsync(Get("shop.test"), Cancellation)).ToList();
            await app.HeldAsync(16);
            await app.ReadyAsync(pod.EndPoint);
            Assert.All(await Task.WhenAll(held), r => Assert.Equal(HttpStatusCode.OK, r.StatusCode));
            await app.ReadyAsync();
        }

        Assert.Equal(0, app.Budget.Requests);
        Assert.Equal(0, app.Budget.Bytes);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("Content-Length: 100000", 100_000)]
    [InlineData("Content-Length: 100000\r\nExpect: 100-continue", 100_000)]
    [InlineData("Content-Length: 9000000", 256 * 1024)]
    [InlineData("Transfer-Encoding: chunked", 256 * 1024)]
    public async Task Http1Body_CountsAsTheMostThatItMayTakeBeforeItIsThere(string headers, int most)
    {
        await using var app = await InterceptorApp.StartAsync(Patient);
        await using (var client = await app.ConnectAsync(Cancellation))
        {
            await client.WriteAsync(Encoding.ASCII.GetBytes($"POST / HTTP/1.1\r\nHost: shop.test\r\n{headers}\r\n\r\n"), Cancellation);
            await app.HeldAsync(1);

            Assert.Equal(most, app.Budget.Bytes);
        }

        await app.HeldAsync(0);
        Assert.Equal(0, app.Budget.Bytes);
    }

    [Theory(Timeout = 60_000)]
    [InlineData(8_000, 0)]
    [InlineData(20_000, 2 * (20_000 + 9))]
    public async Task LargeHead_CountsAsItIsInMemory(int length, int most)
    {
        await using var app = await InterceptorApp.StartAsync(Patient);
        await using var client = await app.ConnectAsync(Cancellation);
        await client.WriteAsync(Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: shop.test\r\nCookie: {new string('a', length)}\r\n\r\n"), Cancellation);
        await app.HeldAsync(1);

        Assert.Equal(most, app.Budget.Bytes);
    }

    [Fact(Timeout = 60_000)]
    public async Task Http2Body_CountsAsItsStreamsWindowUntilItIsThere()
    {
        await using var app = await InterceptorApp.StartAsync(Patient);
        using var client = app.CreateClient(HttpVersion.Version20);
        using var leaving = new CancellationTokenSource();
        var body = new DuplexContent("application/grpc");
        var response = client.SendAsync(new(HttpMethod.Post, "http://shop.test/") { Content = body }, leaving.Token);
        await app.HeldAsync(1);
        await body.WriteAsync(new byte[1_000]);
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(64 * 1024, app.Budget.Bytes);

        body.Complete();
        await MeasuredAsync(app, bytes => bytes == 1_000);
        await leaving.CancelAsync();

        await app.HeldAsync(0);
        Assert.Equal(0, app.Budget.Bytes);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => response);
    }

    [Fact(Timeout = 60_000)]
    public async Task RouteThatFloodsWithUploads_StaysWithinTheBudgetAndLeavesAPartForTheOthers()
    {
        await using var app = await InterceptorApp.StartAsync(["--Hold:MaxBytes=1Mi"], Patient, Other);
        var flood = Enumerable.Range(0, 8).Select(_ => app.Client.SendAsync(Post("shop.test", 300_000), Cancellation)).ToList();
        await Eventually.TrueAsync(() => flood.Count(f => f.IsCompleted) == 5);
        Assert.Equal(3 * 256 * 1024, app.Budget.Bytes);

        var others = new[] { Get("sale.test"), Get("sale.test"), Post("sale.test", 100_000) }.Select(r => app.Client.SendAsync(r, Cancellation)).ToList();
        await app.HeldAsync(others.Count, "sale.test");

        Assert.All(others, o => Assert.False(o.IsCompleted));
        Assert.InRange(app.Budget.Bytes, 0, 1024 * 1024);
        var refused = await await Task.WhenAny(flood);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Contains("Hold:MaxBytes", await refused.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);

        // What has no body needs none of it.
        var bodyless = app.Client.SendAsync(Get("shop.test"), Cancellation);
        await app.HeldAsync(4);
        Assert.False(bodyless.IsCompleted);
    }

    [Fact(Timeout = 60_000)]
    public async Task BodyThatWasLookedAt_ReachesThePodWhole()
    {
        var body = new byte[50_000];
        Random.Shared.NextBytes(body);
        var received = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var pod = await StubPod.StartAsync(async context =>
        {
            using var memory = new MemoryStream();
            await context.Request.Body.CopyToAsync(memory, Cancellation);
            received.TrySetResult(memory.ToArray());
        });
        await using var app = await InterceptorApp.StartAsync(Patient);
        using var client = app.CreateClient(HttpVersion.Version20);
        var content = new DuplexContent("application/octet-stream");
        var response = client.SendAsync(new(HttpMethod.Post, "http://shop.test/") { Content = content }, Cancellation);
        await app.HeldAsync(1);
        await content.WriteAsync(body);
        content.Complete();
        await MeasuredAsync(app, bytes => bytes == body.Length);

        await app.ReadyAsync(pod.EndPoint);

        Assert.Equal(HttpStatusCode.OK, (await response).StatusCode);
        Assert.Equal(body, await received.Task);
        Assert.Equal(0, app.Budget.Bytes);
    }

    [Fact(Timeout = 60_000)]
    public async Task RetryAfter_IsWhatIsLeftOfAUsualColdStart()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("maxHeldRequests", "1")));
        var first = app.Client.SendAsync(Get("shop.test"), Cancellation);
        await app.HeldAsync(1);
        app.Clock.Advance(TimeSpan.FromSeconds(9));
        await app.ReadyAsync(pod.EndPoint);
        await first;
        await app.ReadyAsync();

        var held = app.Client.SendAsync(Get("shop.test"), Cancellation);
        await app.HeldAsync(1);
        app.Clock.Advance(TimeSpan.FromSeconds(2));
        var refused = await app.Client.SendAsync(Get("shop.test"), Cancellation);

        Assert.Equal(TimeSpan.FromSeconds(7), refused.Headers.RetryAfter?.Delta);
        Assert.False(held.IsCompleted);
    }

    /// <summary>Whether bodies are whole is looked at once a second; data may still be on its way then.</summary>
    private static Task MeasuredAsync(InterceptorApp app, Predicate<long> enough) => Eventually.TrueAsync(() =>
    {
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        return enough(app.Budget.Bytes);
    });

    private static HttpRequestMessage Post(string host, int bytes) => new(HttpMethod.Post, $"http://{host}/") { Content = new ByteArrayContent(new byte[bytes]) };

    private static HttpRequestMessage Get(string host) => new(HttpMethod.Get, $"http://{host}/");
}
