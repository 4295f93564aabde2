using System.Net;
using System.Text;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

public class SharedPortTests
{
    private static readonly byte[] Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();
    private static readonly byte[] EmptySettings = [0, 0, 0, 4, 0, 0, 0, 0, 0];

    [Theory(Timeout = 60_000)]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task EitherProtocol_IsServedOnOnePort(string version)
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);
        using var client = app.CreateClient(Version.Parse(version));

        var response = await client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Version.Parse(version), response.Version);
        Assert.Equal("hello", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact(Timeout = 60_000)]
    public async Task PrefaceInAsManyPacketsAsBytes_IsHttp2()
    {
        await using var app = await InterceptorApp.StartAsync();
        await using var connection = await app.ConnectAsync(TestContext.Current.CancellationToken);

        foreach (var octet in Preface)
        {
            await connection.WriteAsync(new[] { octet }, TestContext.Current.CancellationToken);
        }

        await connection.WriteAsync(EmptySettings, TestContext.Current.CancellationToken);
        var frame = new byte[9];
        await connection.ReadExactlyAsync(frame, TestContext.Current.CancellationToken);

        Assert.Equal(4, frame[3]); // SETTINGS
    }

    [Fact(Timeout = 60_000)]
    public async Task Http1RequestThatBeginsLikeThePreface_IsHttp1()
    {
        await using var app = await InterceptorApp.StartAsync();
        await using var connection = await app.ConnectAsync(TestContext.Current.CancellationToken);

        await connection.WriteAsync("PRI"u8.ToArray(), TestContext.Current.CancellationToken);
        await connection.WriteAsync("NT / HTTP/1.1\r\nHost: nobody.test\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        var line = new byte[12];
        await connection.ReadExactlyAsync(line, TestContext.Current.CancellationToken);

        Assert.Equal("HTTP/1.1 404", Encoding.ASCII.GetString(line));
    }

    [Fact(Timeout = 60_000)]
    public async Task HalfAPrefaceAndThenSilence_IsClosed()
    {
        await using var app = await InterceptorApp.StartAsync();
        await using var connection = await app.ConnectAsync(TestContext.Current.CancellationToken);
        await connection.WriteAsync(Preface.AsMemory(0, 10), TestContext.Current.CancellationToken);

        var read = connection.ReadAsync(new byte[1], TestContext.Current.CancellationToken).AsTask();
        await Eventually.TrueAsync(() =>
        {
            app.Clock.Advance(TimeSpan.FromSeconds(31));
            return read.IsCompleted;
        });

        Assert.True(read.IsFaulted || await read == 0);
    }

    [Fact(Timeout = 60_000)]
    public async Task AdminEndpoints_AreNotServedOnTheTrafficPort()
    {
        await using var app = await InterceptorApp.StartAsync();

        var traffic = await app.Client.SendAsync(new(HttpMethod.Get, "http://nobody.test/livez"), TestContext.Current.CancellationToken);
        using var admin = new HttpClient();
        var livez = await admin.GetAsync($"http://{app.Admin}/livez", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, traffic.StatusCode);
        Assert.Equal(HttpStatusCode.OK, livez.StatusCode);
    }
}
