using System.Security.Cryptography;

namespace Wakegate.Interceptor.Page;

/// <summary>One of the page's files: they are part of the program, so the page needs nothing that this interceptor does not have.</summary>
internal sealed class PageFile
{
    private const string Prefix = "page/";

    private readonly byte[] content;
    private readonly string type;
    private readonly string tag;

    private PageFile(string name)
    {
        using var stream = typeof(PageFile).Assembly.GetManifestResourceStream(Prefix + name)!;
        content = new byte[stream.Length];
        stream.ReadExactly(content);
        Path = name == "index.html" ? "/" : $"/{Prefix}{name}";
        type = TypeOf(name);
        tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8))}\"";
    }

    public static IReadOnlyList<PageFile> All { get; } =
    [
        .. typeof(PageFile).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Select(name => new PageFile(name[Prefix.Length..])),
    ];

    /// <summary>Where it is served.</summary>
    public string Path { get; }

    public Task ServeAsync(HttpContext context)
    {
        var response = context.Response;
        PageHeaders.Set(response);

        // A file may be another after an update, so a browser asks each time, and is mostly told that it has it.
        response.Headers.CacheControl = "no-cache";
        response.Headers.ETag = tag;
        if (context.Request.Headers.IfNoneMatch.Any(known => known?.Contains(tag, StringComparison.Ordinal) ?? false))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        response.ContentType = type;
        response.ContentLength = content.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(content, context.RequestAborted).AsTask();
    }

    private static string TypeOf(string name) => System.IO.Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    };
}
