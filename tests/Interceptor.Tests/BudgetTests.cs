using System.Globalization;
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
    [InlineData("Content-Length: 100000", 100_000, 100_000, 100_000)]
    [InlineData("Content-Length: 9000000", 400_000, 256 * 1024, 300_000)]
    [InlineData("Transfer-Encoding: chunked", 50_000, 50_000, 51_000)]
    public async Task Http1Body_IsCountedAsFarAsItIsInMemory(string header, int sent, int least, int most)
    {
        await using var app = await InterceptorApp.StartAsync(Patient);
        await using (var client = await app.ConnectAsync(Cancellation))
        {
            await client.WriteAsync(Encoding.ASCII.GetBytes($"POST / HTTP/1.1\r\nHost: shop.test\r\n{header}\r\n\r\n"), Cancellation);
            await app.HeldAsync(1);
            if (header.EndsWith("chunked", StringComparison.Ordinal))
            {
                await client.WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{sent:x}\r\n")), Cancellation);
            }

            await client.WriteAsync(new byte[sent], Cancellation);

            await MeasuredAsync(app, bytes => bytes >= least);
            Assert.InRange(app.Budget.Bytes, least, most);
        }

        // Beyond what Kestrel takes in, TCP does not tell that the client has left.
        app.Clock.Advance(TimeSpan.FromDays(1));
        await app.HeldAsync(0);
        Assert.Equal(0, app.Budget.Bytes);
    }

    [Fact(Timeout = 60_000)]
    public async Task Http2Body_IsCountedAsFarAsItIsInMemory()
    {
        await using var app = await InterceptorApp.StartAsync(Patient);
        using var client = app.CreateClient(HttpVersion.Version20);
        using var leaving = new CancellationTokenSource();
        var request = new HttpRequestMessage(HttpMethod.Post, "http://shop.test/") { Content = new ByteArrayContent(new byte[1_000_000]) };
        var response = client.SendAsync(request, leaving.Token);
        await app.HeldAsync(1);

        await MeasuredAsync(app, bytes => bytes == 64 * 1024);
        await leaving.CancelAsync();

        await app.HeldAsync(0);
        Assert.Equal(0, app.Budget.Bytes);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => response);
    }

    [Fact(Timeout = 60_000)]
    public async Task BodiesBeyondTheBudget_TheNextIsSentAway()
    {
        await using var app = await InterceptorApp.StartAsync(["--Hold:MaxBytes=100Ki"], Patient);
        await using var client = await app.ConnectAsync(Cancellation);
        await client.WriteAsync("POST / HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 200000\r\n\r\n"u8.ToArray(), Cancellation);
        await client.WriteAsync(new byte[200_000], Cancellation);
        await app.HeldAsync(1);
        await MeasuredAsync(app, bytes => bytes == 200_000);

        var refused = await app.Client.SendAsync(Get("shop.test"), Cancellation);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Contains("Hold:MaxBytes", await refused.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task BodyThatWasLookedAt_ReachesThePodWhole()
    {
        var body = new byte[200_000];
        Random.Shared.NextBytes(body);
        var received = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var pod = await StubPod.StartAsync(async context =>
        {
            using var memory = new MemoryStream();
            await context.Request.Body.CopyToAsync(memory, Cancellation);
            received.TrySetResult(memory.ToArray());
        });
        await using var app = await InterceptorApp.StartAsync(Patient);
        var response = app.Client.SendAsync(new(HttpMethod.Post, "http://shop.test/") { Content = new ByteArrayContent(body) }, Cancellation);
        await app.HeldAsync(1);
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

    /// <summary>Bodies are measured once a second; data may still be on its way then.</summary>
    private static Task MeasuredAsync(InterceptorApp app, Predicate<long> enough) => Eventually.TrueAsync(() =>
    {
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        return enough(app.Budget.Bytes);
    });

    private static HttpRequestMessage Get(string host) => new(HttpMethod.Get, $"http://{host}/");
}
