using System.Buffers;
using Microsoft.Extensions.Primitives;

namespace Wakegate.Interceptor.Holding;

/// <summary>
/// How many bytes of a held request's body Kestrel can take in while nobody reads it. What a client has announced it may send at any moment, so
/// that counts, and not what has come so far; and the values of its headers, where they are large.
/// </summary>
internal static class HeldBody
{
    /// <summary>Of a connection, where Kestrel stops to read, a receive more or less: over HTTP/1.1 that is the request's own.</summary>
    public const int TransportBuffer = 256 * 1024;

    /// <summary>Of a stream of HTTP/2: its window.</summary>
    public const int StreamWindow = 64 * 1024;

    /// <summary>In bytes: heads up to this are in what every held request takes, by which their number is bounded.</summary>
    private const int UsualHead = 16 * 1024;

    /// <summary>In bytes. One that expects a 100 counts too: clients send it all the same when none comes (curl after a second).</summary>
    public static long Most(HttpContext context)
    {
        var most = HttpProtocol.IsHttp2(context.Request.Protocol) ? StreamWindow : TransportBuffer;
        var body = context.Request.ContentLength is { } length ? Math.Min(length, most) : MayHaveOne(context) ? most : 0;
        return body + Head(context.Request);
    }

    /// <summary>The bytes of its headers' values, as they are kept in memory; 0 where they are no more than usual.</summary>
    public static long Head(HttpRequest request)
    {
        // A copy, since to enumerate them would allocate, for each request that is held.
        var count = request.Headers.Count;
        var headers = ArrayPool<KeyValuePair<string, StringValues>>.Shared.Rent(count);
        request.Headers.CopyTo(headers, 0);
        var characters = 0L;
        foreach (var (_, values) in headers.AsSpan(0, count))
        {
            foreach (var value in values)
            {
                characters += value?.Length ?? 0;
            }
        }

        ArrayPool<KeyValuePair<string, StringValues>>.Shared.Return(headers, clearArray: true);
        return characters * sizeof(char) is > UsualHead and var size ? size : 0;
    }

    /// <summary>
    /// Whether it may turn out to be smaller than <see cref="Most"/>: over HTTP/2 its end can be seen without reading it. Not of one that expects a 100: to look would send that.
    /// </summary>
    public static bool MayBeSmaller(HttpContext context) =>
        context.Request.ContentLength is null
        && HttpProtocol.IsHttp2(context.Request.Protocol)
        && MayHaveOne(context)
        && context.Request.Headers.Expect.Count == 0;

    /// <summary>Its size in bytes, once all of it is there; only while the request is held, for nobody else reads it then.</summary>
    public static long? WholeSize(HttpContext context)
    {
        try
        {
            if (!context.Request.BodyReader.TryRead(out var read))
            {
                return null;
            }

            context.Request.BodyReader.AdvanceTo(read.Buffer.Start);
            return read.IsCompleted ? read.Buffer.Length : null;
        }
        catch (Exception gone) when (gone is IOException or InvalidOperationException or OperationCanceledException)
        {
            // The client has left, or its body is at an end with an error: whoever reads it next is told.
            return null;
        }
    }

    private static bool MayHaveOne(HttpContext context) => HttpProtocol.IsHttp2(context.Request.Protocol)
        ? context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true }
        : context.Request.Headers.TransferEncoding.Count > 0;
}
