using System.Net;
using Microsoft.AspNetCore.Http;

namespace Wakegate.Interceptor.Tests;

public class NeighbourTests
{
    private const int Megabyte = 1024 * 1024;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task AThousandHeldPostsOnOneConnection_DoNotDelayAnUploadBesideThem()
    {
        await using var pod = await StubPod.StartAsync(async context =>
        {
            var length = 0L;
            var buffer = new byte[64 * 1024];
            while (await context.Request.Body.ReadAsync(buffer) is > 0 and var read)
            {
                length += read;
            }

            await context.Response.WriteAsync($"{length}");
        });
        await using var app = await InterceptorApp.StartAsync(
            Trigger.Shop(), new Trigger("asleep", ("hosts", "asleep.test"), ("service", "asleep"), ("port", "80")));
        await app.ReadyAsync(pod.EndPoint);

        // One handler of HTTP/2 keeps to one connection until the server's stream limit makes it open another.
        using var client = app.CreateClient(HttpVersion.Version20);
        var held = Enumerable.Range(0, 1_000).Select(_ => client.SendAsync(
            new(HttpMethod.Post, "http://asleep.test/") { Content = new ByteArrayContent(new byte[Megabyte]) }, Cancellation)).ToList();
        await app.HeldAsync(1_000, "asleep.test");
        var upload = await client.SendAsync(
            new(HttpMethod.Post, "http://shop.test/") { Content = new ByteArrayContent(new byte[8 * Megabyte]) }, Cancellation);

        Assert.Equal($"{8 * Megabyte}", await upload.Content.ReadAsStringAsync(Cancellation));
        Assert.All(held, h => Assert.False(h.IsCompleted));
    }
}
