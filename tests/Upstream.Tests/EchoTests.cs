using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using Wakegate.Upstream.Http;

namespace Wakegate.Upstream.Tests;

public sealed class EchoTests
{
    [Fact(Timeout = 60_000)]
    public async Task AnyPath_EchoesTheRequest()
    {
        await using var app = await UpstreamApp.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri("/a/b?c=d%20e", UriKind.Relative)) { Content = new ByteArrayContent(new byte[100_000]) };
        request.Headers.Add("X-Colour", "blue");

        using var response = await app.Client.SendAsync(request, TestContext.Current.CancellationToken);
        var echo = await response.Content.ReadFromJsonAsync<Echo>(TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.NotNull(echo);
        Assert.Equal(("PUT", "/a/b", "?c=d%20e", 100_000L, "pod-1"), (echo.Method, echo.Path, echo.Query, echo.BodySize, echo.Pod));
        Assert.Equal("blue", echo.Headers["X-Colour"]);
    }

    [Fact(Timeout = 60_000)]
    public async Task EveryRequest_HasItsNumber()
    {
        await using var app = await UpstreamApp.StartAsync();

        var first = await app.Client.GetFromJsonAsync<Echo>("/", TestContext.Current.CancellationToken);
        using var between = await app.GetAsync("/readyz");
        var second = await app.Client.GetFromJsonAsync<Echo>("/status/200", TestContext.Current.CancellationToken);

        Assert.Equal((1L, 2L), (first!.Number, second!.Number));
    }

    [Theory(Timeout = 60_000)]
    [InlineData(204)]
    [InlineData(404)]
    [InlineData(503)]
    public async Task StatusPath_AnswersWithIt(int status)
    {
        await using var app = await UpstreamApp.StartAsync();

        using var response = await app.GetAsync($"/status/{status}");

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task DelayPath_AnswersAfterTheDelay()
    {
        await using var app = await UpstreamApp.StartAsync();

        var response = app.GetAsync("/delay/60000");
        await app.Clock.AdvanceUntilAsync(response, TimeSpan.FromSeconds(10));

        using var answer = await response;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.True(app.Clock.GetUtcNow() - app.Clock.Start >= TimeSpan.FromMinutes(1));
    }

    [Fact(Timeout = 60_000)]
    public async Task Stream_SendsEachLineAsItIsDue()
    {
        await using var app = await UpstreamApp.StartAsync();

        using var response = await app.GetAsync("/stream?count=2");
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        var first = await lines.ReadLineAsync(TestContext.Current.CancellationToken);
        var second = lines.ReadLineAsync(TestContext.Current.CancellationToken).AsTask();
        await app.Clock.AdvanceUntilAsync(second, TimeSpan.FromSeconds(1));

        Assert.Equal(("line 1", "line 2"), (first, await second));
        Assert.Null(await lines.ReadLineAsync(TestContext.Current.CancellationToken));
    }

    [Fact(Timeout = 60_000)]
    public async Task WebSocket_EchoesMessagesAndTheClose()
    {
        await using var app = await UpstreamApp.StartAsync();
        using var socket = new ClientWebSocket();
        var buffer = new byte[100];

        await socket.ConnectAsync(new UriBuilder(app.Address) { Scheme = "ws", Path = "/ws" }.Uri, TestContext.Current.CancellationToken);
        await socket.SendAsync("ping"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);
        var message = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", TestContext.Current.CancellationToken);

        Assert.Equal("ping", Encoding.UTF8.GetString(buffer, 0, message.Count));
        Assert.Equal((WebSocketCloseStatus.NormalClosure, "done"), (socket.CloseStatus, socket.CloseStatusDescription));
    }
}
