using System.Text.Json.Nodes;

namespace Wakegate.Local.Manifests;

/// <summary>One object of a manifest.</summary>
/// <param name="Place">Where it stands.</param>
/// <param name="Json">What it says.</param>
internal sealed record ManifestDocument(ManifestPlace Place, JsonObject Json)
{
    public string ApiVersion => Text(Json["apiVersion"]);

    public string Kind => Text(Json["kind"]);

    public string Name => Text(Json["metadata"]?["name"]);

    /// <summary>The object's namespace; <c>default</c> where it names none.</summary>
    public string Namespace => Text(Json["metadata"]?["namespace"]) is { Length: > 0 } given ? given : "default";

    private static string Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
}

/// <summary>Where something stands in a manifest.</summary>
/// <param name="File">The file, as its user named it.</param>
/// <param name="Document">The document's number in the file, from 1.</param>
/// <param name="Line">The line in the file, from 1.</param>
internal sealed record ManifestPlace(string File, int Document, long Line)
{
    public override string ToString() => $"{File}, document {Document}, line {Line}";
}
