using System.Text.Json;
using System.Text.Json.Nodes;

namespace Wakegate.Local.Api;

/// <summary>Reads request bodies. A field given twice is an error: of two replicas counts nobody knows which one was meant.</summary>
internal static class JsonBody
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <exception cref="JsonException">The text is not one JSON object.</exception>
    public static JsonObject Parse(string body) =>
        JsonNode.Parse(body, documentOptions: Strict) as JsonObject ?? throw new JsonException("The body is not a JSON object.");

    public static async Task<string> ReadAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        return await reader.ReadToEndAsync(request.HttpContext.RequestAborted);
    }
}
