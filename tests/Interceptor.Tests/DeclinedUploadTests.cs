using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Wakegate.Interceptor.Tests;

/// <summary>A pod over HTTP/1.1 answers before it has read a body, and closes.</summary>
public class DeclinedUploadTests
{
    private const int Piece = 0x10000;
    private static readonly byte[] Chunk = [.. "10000\r\n"u8, .. new byte[Piece], .. "\r\n"u8];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory(Timeout = 60_000)]
    [InlineData("http1", false, false, true)]
    [InlineData("http1", false, false, false)]
    [InlineData("http1", false, true, true)]
    [InlineData("http1", false, true, false)]
    [InlineData("http1", true, false, true)]
    [InlineData("http1", true, false, false)]
    [InlineData("http1", true, true, true)]
    [InlineData("http1", true, true, false)]
    [InlineData("https1", false, false, true)]
    [InlineData("https1", false, false, false)]
    [InlineData("https1", false, true, true)]
    [InlineData("https1", true, false, true)]
    [InlineData("https1", true, true, true)]
    public async Task Http1ClientStillSends_HasThePodsAnswer(string protocol, bool lingers, bool kept, bool known)
    {
        await using var pod = new DecliningPod(lingers, tls: protocol == "https1");
        await using var app = await StartAsync(pod, protocol, kept);
        await using var connection = await app.ConnectAsync(Cancellation);

        await connection.WriteAsync(Head(known ? "Content-Length: 10000000000" : "Transfer-Encoding: chunked"), Cancellation);
        var answer = await AnswerAsync(connection, known ? new byte[Piece] : Chunk);

        Assert.StartsWith("HTTP/1.1 413 Content Too Large\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\ntoo large", answer, StringComparison.Ordinal);
        Assert.Equal(kept ? ["0 GET / HTTP/1.1", "1 POST"] : ["0 POST"], pod.Seen);
        await app.PendingAsync(0);
    }

    [Theory(Timeout = 60_000)]
    [InlineData(false, 10_000_000_000, true)]
    [InlineData(false, null, false)]
    [InlineData(true, 10_000_000_000, false)]
    [InlineData(true, null, true)]
    public async Task Http2ClientStillSends_HasThePodsAnswer(bool kept, long? length, bool framed)
    {
        await using var pod = new DecliningPod(lingers: true, framed: framed);
        await using var app = await StartAsync(pod, "http1", kept);
        using var client = app.CreateClient(HttpVersion.Version20);
        var content = new DuplexContent("text/plain") { Headers = { ContentLength = length } };

        var answering = client.SendAsync(new(HttpMethod.Post, "http://shop.test/") { Content = content }, Cancellation);
        while (!answering.IsCompleted)
        {
            await Task.WhenAny(content.WriteAsync(new byte[Piece]), answering);
        }

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await answering).StatusCode);
        Assert.Equal("too large", await (await answering).Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(kept ? ["0 GET / HTTP/1.1", "1 POST"] : ["0 POST"], pod.Seen);
        await app.PendingAsync(0);
    }

    /// <summary>The rest has to be made up for the HTTP client, which nobody could do for that much.</summary>
    [Fact(Timeout = 60_000)]
    public async Task ClientClaimsABodyWithoutEnd_IsToldThatTheConnectionIsLost()
    {
        await using var pod = new DecliningPod(lingers: false);
        await using var app = await StartAsync(pod, "http1", kept: false);
        await using var connection = await app.ConnectAsync(Cancellation);

        await connection.WriteAsync(Head($"Content-Length: {long.MaxValue}"), Cancellation);
        var answer = await AnswerAsync(connection, new byte[Piece]);

        Assert.StartsWith("HTTP/1.1 502 ", answer, StringComparison.Ordinal);
        Assert.Contains("it was not sent again", answer, StringComparison.Ordinal);
        Assert.Equal(["0 POST"], pod.Seen);
    }

    /// <summary>What was said to be sent has not been: only the pod's answer counts.</summary>
    [Theory(Timeout = 60_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PodClosesWithoutAnAnswer_ConnectionIsLost(bool known)
    {
        await using var pod = new RawPod((_, _) => null);
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);
        await using var connection = await app.ConnectAsync(Cancellation);

        await connection.WriteAsync(Head(known ? "Content-Length: 10000000000" : "Transfer-Encoding: chunked"), Cancellation);
        var answer = await AnswerAsync(connection, known ? new byte[Piece] : Chunk);

        Assert.StartsWith("HTTP/1.1 502 ", answer, StringComparison.Ordinal);
        Assert.Contains("it was not sent again", answer, StringComparison.Ordinal);
        Assert.Single(pod.Heads);
    }

    /// <summary>An interceptor before this pod, which has kept a connection to it where that is wanted.</summary>
    private static async Task<InterceptorApp> StartAsync(DecliningPod pod, string protocol, bool kept)
    {
        var app = await InterceptorApp.StartAsync(Trigger.Shop(("protocol", protocol)));
        await app.ReadyAsync(pod.EndPoint);
        if (kept)
        {
            using var first = await app.Client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), Cancellation);
            await first.Content.ReadAsStringAsync(Cancellation);
        }

        return app;
    }

    private static byte[] Head(string length) => Encoding.ASCII.GetBytes($"POST / HTTP/1.1\r\nHost: shop.test\r\n{length}\r\n\r\n");

    /// <summary>Sends until there is an answer, and reads that.</summary>
    private static async Task<string> AnswerAsync(NetworkStream connection, byte[] piece)
    {
        var answering = ReadAnswerAsync(connection);
        while (!answering.IsCompleted)
        {
            await connection.WriteAsync(piece, Cancellation);
        }

        return await answering;
    }

    private static async Task<string> ReadAnswerAsync(NetworkStream connection)
    {
        using var reader = new StreamReader(connection, leaveOpen: true);
        var answer = new StringBuilder();
        var length = 0;
        while (await reader.ReadLineAsync(Cancellation) is { Length: > 0 } line)
        {
            answer.Append(line).Append("\r\n");
            length = line.StartsWith("Content-Length: ", StringComparison.Ordinal) ? int.Parse(line[16..], System.Globalization.CultureInfo.InvariantCulture) : length;
        }

        var body = new char[length];
        await reader.ReadBlockAsync(body, Cancellation);
        return answer.Append("\r\n").Append(body).ToString();
    }
}
