using System.Net;
using System.Text.Json;

namespace Wakegate.Interceptor.Watching;

/// <summary>The API server answered, and what it answered was no.</summary>
internal sealed class ApiRefusedException : HttpRequestException
{
    private const int Shown = 500;

    private ApiRefusedException(string message, HttpStatusCode status, TimeSpan? retryAfter)
        : base(message, null, status) => RetryAfter = retryAfter;

    /// <summary>When to ask again at the earliest, where it says so.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>Reads what a refusal says.</summary>
    public static async Task<ApiRefusedException> ReadAsync(string path, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var said = Said(await response.Content.ReadAsStringAsync(cancellationToken)).TrimEnd('.');
        var shown = said.Length > Shown ? $"{said[..Shown]}…" : said;

        // Only the form in seconds, which is what an API server sends: a date would be by its clock, not by ours.
        return new($"{(int)response.StatusCode} {response.StatusCode}: {shown}.{Remedy(path, response.StatusCode)}", response.StatusCode, response.Headers.RetryAfter?.Delta);
    }

    /// <summary>A <c>Status</c> has the sentence for people in its message; a proxy before the server may answer with anything.</summary>
    private static string Said(string body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, ResourceContext.Default.Status)?.Message ?? body.Trim();
        }
        catch (JsonException)
        {
            return body.Trim();
        }
    }

    private static string Remedy(string path, HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized => " The token of the interceptor's service account is not accepted.",
        HttpStatusCode.Forbidden => " The interceptor's service account needs a role that allows it.",
        HttpStatusCode.NotFound when path.Contains("/keda.sh/", StringComparison.Ordinal) => " KEDA is not installed: ScaledObject is a kind of its own.",
        _ => "",
    };
}

/// <summary>How an API server says what went wrong.</summary>
internal sealed record Status
{
    public string? Message { get; init; }
}
