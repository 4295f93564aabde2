using System.Text.Json;

namespace Wakegate.Local.Tests.Api;

/// <summary>A watch as it looks on the wire, line by line.</summary>
internal sealed class WatchLines : IDisposable
{
    private readonly HttpResponseMessage response;
    private readonly StreamReader reader;

    private WatchLines(HttpResponseMessage response, Stream body) => (this.response, reader) = (response, new StreamReader(body));

    /// <summary>Opens a watch; when this returns the server has subscribed it.</summary>
    public static async Task<WatchLines> OpenAsync(HttpClient http, string pathAndQuery)
    {
        var stop = TestContext.Current.CancellationToken;
        var opened = await http.GetAsync(new Uri(pathAndQuery, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, stop);
        opened.EnsureSuccessStatusCode();
        return new WatchLines(opened, await opened.Content.ReadAsStreamAsync(stop));
    }

    /// <summary>The next event, or null at the stream's end.</summary>
    public async Task<(string Type, JsonElement Object)?> NextAsync()
    {
        if (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is not { } line)
            return null;
        var json = JsonElement.Parse(line);
        return (json.GetProperty("type").GetString()!, json.GetProperty("object"));
    }

    /// <summary>The next event's type, and its object's name.</summary>
    public async Task<string> NextNamedAsync() => await NextAsync() is var (type, json)
        ? $"{type} {json.GetProperty("metadata").GetProperty("name").GetString()}"
        : "end";

    public void Dispose()
    {
        reader.Dispose();
        response.Dispose();
    }
}
