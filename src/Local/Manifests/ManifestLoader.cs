using System.Net;
using System.Text.Json.Nodes;

namespace Wakegate.Local.Manifests;

/// <summary>Creates a manifest's objects in the API, as strictly as <c>kubectl</c> does: a misspelt field is refused.</summary>
internal sealed class ManifestLoader(Uri api) : IDisposable
{
    private readonly HttpClient client = new() { BaseAddress = api };

    /// <exception cref="LocalException">The API refused some of them; it names each with the API's own words.</exception>
    public async Task LoadAsync(IEnumerable<ManifestDocument> documents, CancellationToken cancellation)
    {
        var refused = new List<string>();
        foreach (var document in documents)
        {
            if (await CreateAsync(document, cancellation) is { } problem)
                refused.Add($"{document.Place}: {document.Kind} {document.Name}: {problem}");
        }

        if (refused.Count > 0)
            throw new LocalException(string.Join(Environment.NewLine, refused));
    }

    public void Dispose() => client.Dispose();

    private async Task<string?> CreateAsync(ManifestDocument document, CancellationToken cancellation)
    {
        await EnsureNamespaceAsync(document, cancellation);
        var response = await PostAsync(PathOf(document), document.Json, cancellation);
        return response.Status == HttpStatusCode.Created ? null : response.Message;
    }

    /// <summary>In a cluster someone has made the namespace before; here nobody has.</summary>
    private async Task EnsureNamespaceAsync(ManifestDocument document, CancellationToken cancellation)
    {
        if (!ManifestKinds.Find(document)!.Namespaced || document.Namespace == "default")
            return;
        var space = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = document.Namespace } };
        await PostAsync("api/v1/namespaces", space, cancellation);
    }

    private async Task<(HttpStatusCode Status, string? Message)> PostAsync(string path, JsonObject json, CancellationToken cancellation)
    {
        using var response = await client.PostAsJsonAsync($"{path}?fieldValidation=Strict", json, cancellation);
        var answer = await response.Content.ReadFromJsonAsync<JsonObject>(cancellation);
        return (response.StatusCode, (string?)answer?["message"]);
    }

    private static string PathOf(ManifestDocument document)
    {
        var kind = ManifestKinds.Find(document)!;
        var version = kind.Group.Length == 0 ? $"api/{kind.Version}" : $"apis/{kind.ApiVersion}";
        return kind.Namespaced ? $"{version}/namespaces/{document.Namespace}/{kind.Plural}" : $"{version}/{kind.Plural}";
    }
}
