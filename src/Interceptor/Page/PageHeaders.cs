namespace Wakegate.Interceptor.Page;

/// <summary>
/// What a browser is told to be strict about. The page shows what clients sent (hosts, paths, user agents): it only ever sets text, and if
/// that failed, no script but its own files would run, and nothing could leave for another place.
/// </summary>
internal static class PageHeaders
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void Set(HttpResponse response)
    {
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }
}
