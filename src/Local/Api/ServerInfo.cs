using System.Text.Json.Nodes;

namespace Wakegate.Local.Api;

/// <summary>The server's version and health.</summary>
internal static class ServerInfo
{
    public static void MapServerInfo(this IEndpointRouteBuilder app)
    {
        // kubectl supports servers one minor version away from its own: this API is written against 1.32.
        app.MapGet("/version", context => Answers.WriteAsync(context, 200, new JsonObject
        {
            ["major"] = "1",
            ["minor"] = "32",
            ["gitVersion"] = "v1.32.0+wakegate-local",
            ["gitCommit"] = "",
            ["gitTreeState"] = "clean",
            ["buildDate"] = "1970-01-01T00:00:00Z",
            ["goVersion"] = "none",
            ["compiler"] = "none",
            ["platform"] = "local",
        }));
        foreach (var path in new[] { "/livez", "/readyz", "/healthz" })
            app.MapGet(path, context => context.Response.WriteAsync("ok", context.RequestAborted));
    }
}
