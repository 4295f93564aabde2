using System.Text.Json;
using System.Text.Json.Nodes;

namespace Wakegate.Local.Api;

/// <summary>Writes answers the way the client asked to see them: as JSON objects, or as a table.</summary>
internal static class Answers
{
    /// <summary>Whether the client would rather have a table of printable cells. Clients that can read one name it first.</summary>
    public static bool WantsTable(HttpRequest request) =>
        request.Headers.Accept.ToString().Split(',')[0].Contains("as=Table", StringComparison.Ordinal);

    /// <summary>What a table's rows carry beside their cells.</summary>
    public static string? IncludeObject(HttpRequest request) => request.Query["includeObject"];

    public static Task WriteAsync(HttpContext context, Failure failure) => WriteAsync(context, failure.Code, failure.ToStatus());

    public static async Task WriteAsync(HttpContext context, int code, JsonNode json)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteTo(writer);
    }

    public static async Task WriteAsync(HttpContext context, int code, StoredObject stored, DateTimeOffset now)
    {
        if (WantsTable(context.Request))
        {
            await WriteAsync(context, code, Table.Of(stored, now, IncludeObject(context.Request)));
            return;
        }

        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter);
        stored.Json.WriteTo(writer);
    }
}
