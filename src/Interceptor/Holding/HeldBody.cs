using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Wakegate.Interceptor.Holding;

/// <summary>How much of a held request's body Kestrel has taken in: looked at, not read.</summary>
internal static class HeldBody
{
    /// <summary>Whether there can be a body in memory: one that waits for a 100 is still with its client.</summary>
    public static bool CanGrow(HttpContext context) =>
        context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true }
        && context.Request.Headers.Expect.Count == 0;

    /// <summary>In bytes. Only while the request is held, for nobody else reads it then.</summary>
    public static long Measure(HttpContext context)
    {
        // Over HTTP/1.1 the connection is the request's own, and what it has beyond the head is the body. Reading through the body would
        // start to unpack a chunked one.
        var reader = HttpProtocol.IsHttp2(context.Request.Protocol)
            ? context.Request.BodyReader
            : context.Features.Get<IConnectionTransportFeature>()?.Transport.Input;
        return reader is null ? 0 : Measure(reader);
    }

    private static long Measure(PipeReader reader)
    {
        try
        {
            if (!reader.TryRead(out var read))
            {
                return 0;
            }

            var length = read.Buffer.Length;
            reader.AdvanceTo(read.Buffer.Start);
            return length;
        }
        catch (Exception gone) when (gone is IOException or InvalidOperationException or OperationCanceledException)
        {
            // The client has left, or its body is at an end with an error: whoever reads it next is told.
            return 0;
        }
    }
}
