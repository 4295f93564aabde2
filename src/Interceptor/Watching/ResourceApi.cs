using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using k8s;

namespace Wakegate.Interceptor.Watching;

/// <summary>Lists and watches one kind over the official client's connection and credentials, reading of each object only what is used.</summary>
internal sealed class ResourceApi<T>(Kubernetes kubernetes, string path, ResourceContext json)
    where T : Resource
{
    private const int PageSize = 500;

    /// <summary>Longer than bookmarks are apart (a minute), so that the next watch starts from a version that is still known.</summary>
    private static readonly TimeSpan WatchTime = TimeSpan.FromMinutes(5);

    public string Path => path;

    /// <summary>All objects, page by page, as of one version.</summary>
    /// <exception cref="HttpRequestException">The API server refused, or could not be reached.</exception>
    public async Task<(List<T> Items, string Version)> ListAsync(CancellationToken cancellationToken)
    {
        var items = new List<T>();
        var continuation = "";
        while (true)
        {
            var query = continuation.Length == 0 ? "" : $"&continue={Uri.EscapeDataString(continuation)}";
            using var response = await GetAsync($"{path}?limit={PageSize}{query}", cancellationToken);
            var page = await response.Content.ReadFromJsonAsync(Info<ResourceList<T>>(), cancellationToken)
                ?? throw new JsonException($"The list of {path} is null.");
            items.AddRange(page.Items ?? []);
            continuation = page.Metadata.Continue ?? "";
            if (continuation.Length == 0)
            {
                return (items, page.Metadata.ResourceVersion);
            }
        }
    }

    /// <summary>What happens after a version, until the server ends the watch.</summary>
    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync(string version, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = $"watch=true&allowWatchBookmarks=true&timeoutSeconds={(int)WatchTime.TotalSeconds}&resourceVersion={version}";
        using var response = await GetAsync($"{path}?{query}", cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length > 0 && JsonSerializer.Deserialize(line, Info<WatchEvent<T>>()) is { } change)
            {
                yield return change;
            }
        }
    }

    private async Task<HttpResponseMessage> GetAsync(string pathAndQuery, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(kubernetes.BaseUri, pathAndQuery))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        if (kubernetes.Credentials is { } credentials)
        {
            await credentials.ProcessHttpRequestAsync(request, cancellationToken);
        }

        var response = await kubernetes.HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            var status = await response.Content.ReadAsStringAsync(cancellationToken);
            throw new HttpRequestException($"{(int)response.StatusCode} {response.ReasonPhrase}: {status}", null, response.StatusCode);
        }
    }

    private JsonTypeInfo<TResult> Info<TResult>() => (JsonTypeInfo<TResult>)json.GetTypeInfo(typeof(TResult))!;
}
