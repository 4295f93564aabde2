using System.Net;
using System.Text.Json;
using k8s;

namespace Wakegate.Interceptor.Watching;

/// <summary>
/// Reads over the official client's connection and credentials, of each object only what is used. The client's own models have every field of a
/// kind: the first Deployment that they read costs a process 14 MiB that it keeps.
/// </summary>
internal static class KubernetesRead
{
    /// <summary>One object, or one page of a list.</summary>
    /// <param name="kubernetes">The client.</param>
    /// <param name="path">With its query.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="HttpRequestException">The API server refused, or could not be reached.</exception>
    /// <exception cref="JsonException">What answered does not speak for an API server.</exception>
    public static async Task<T> ReadAsync<T>(this Kubernetes kubernetes, string path, CancellationToken cancellationToken)
    {
        using var response = await kubernetes.GetAsync(path, cancellationToken);
        return await response.Content.ReadFromJsonAsync(ResourceContext.Info<T>(), cancellationToken) ?? throw new JsonException($"{path} is null.");
    }

    /// <summary>The answer's headers, with its body still to be read.</summary>
    /// <exception cref="HttpRequestException">The API server refused, or could not be reached.</exception>
    public static async Task<HttpResponseMessage> GetAsync(this Kubernetes kubernetes, string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(kubernetes.BaseUri, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        if (kubernetes.Credentials is { } credentials)
        {
            // Reads the service account's token again as the kubelet renews it.
            await credentials.ProcessHttpRequestAsync(request, cancellationToken);
        }

        var response = await kubernetes.HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw await ApiRefusedException.ReadAsync(path, response, cancellationToken);
        }
    }
}
