using System.Net;
using System.Text.Json;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

/// <summary>A stream of the live page as a browser reads it: event by event.</summary>
internal sealed class OpenPage : IDisposable
{
    private readonly HttpClient client;
    private readonly StreamReader reader;

    private OpenPage(HttpClient client, StreamReader reader) => (this.client, this.reader) = (client, reader);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<OpenPage> OpenAsync(IPEndPoint admin, string path = "/stream")
    {
        var browser = new HttpClient();
        var response = await browser.GetAsync(new Uri($"http://{admin}{path}"), HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return new(browser, new(await response.Content.ReadAsStreamAsync(Cancellation)));
    }

    /// <summary>The next event; null at the stream's end.</summary>
    public async Task<(string Name, JsonElement Data)?> NextAsync()
    {
        var name = "";
        while (await reader.ReadLineAsync(Cancellation) is { } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                name = line["event: ".Length..];
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                return (name, JsonDocument.Parse(line["data: ".Length..]).RootElement);
            }
        }

        return null;
    }

    /// <summary>The next event with this name and of this kind, while time goes by.</summary>
    public async Task<JsonElement> UntilAsync(InterceptorApp app, string name, Func<JsonElement, bool>? wanted = null)
    {
        var next = NextAsync();
        JsonElement found = default;
        await Eventually.TrueAsync(async () =>
        {
            app.Clock.Advance(TimeSpan.FromMilliseconds(500));
            for (; next.IsCompleted; next = NextAsync())
            {
                (var heard, found) = await next ?? throw new InvalidOperationException("The stream has ended.");
                if (heard == name && (wanted is null || wanted(found)))
                {
                    return true;
                }
            }

            return false;
        });
        return found;
    }

    public void Dispose()
    {
        reader.Dispose();
        client.Dispose();
    }
}
