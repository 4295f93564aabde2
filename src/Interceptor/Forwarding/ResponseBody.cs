using System.Runtime.CompilerServices;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>
/// Copies a pod's response body straight into the buffers from which the client's connection is written. What has come is sent on before every
/// wait, so that a pod that pauses has been heard so far; and in one piece with the response's headers or its end where there is no pause.
/// </summary>
internal static class ResponseBody
{
    /// <summary>Of a body of unknown length, the first piece; of a body this small, headers and body are one write.</summary>
    private const int Small = 4 * 1024;

    /// <summary>The largest piece, and what is sent on without a pause.</summary>
    private const int Large = 64 * 1024;

    /// <summary>Copies all of it; sets <see cref="Exchange.Begun"/> once some of it can have been sent.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public static async ValueTask CopyAsync(HttpResponseMessage message, HttpResponse response, Exchange exchange, CancellationToken cancellationToken)
    {
        var from = Open(message.Content);
        var to = response.BodyWriter;
        var length = response.ContentLength; // none where the pod said both that and chunked, of which the latter counts (RFC 9112, section 6.3)
        var (done, unsent, piece) = (0L, 0, Small);
        while (true)
        {
            // Nothing is read, so that no buffer is taken while there is nothing to fill it with. A small body has mostly come with its headers.
            var more = done == 0 && length <= Small ? default : from.ReadAsync(Memory<byte>.Empty, cancellationToken);

            // Of a body of unknown length the headers go ahead too: whether there will be one is not known, and the client of an event stream or a
            // gRPC call may wait for them alone. Where the end has come already, it stays in them, as gRPC's trailers-only form needs it.
            if (!more.IsCompleted && (unsent > 0 || (length is null && !response.HasStarted)))
            {
                unsent = 0;
                await to.FlushAsync(cancellationToken);
            }

            await more;
            if (length > Small && !response.HasStarted)
            {
                // Before the headers are written, a body has to be kept apart from them, and copied.
                await response.StartAsync(cancellationToken);
            }

            var read = await from.ReadAsync(to.GetMemory(length is { } all ? (int)Math.Clamp(all - done, 1, Large) : piece), cancellationToken);
            if (read == 0)
            {
                break;
            }

            exchange.Begun = true;
            to.Advance(read);
            (done, unsent) = (done + read, unsent + read);
            // Over HTTP/2 the end is a message of its own, and may bring trailers.
            if (done == length && message.Version.Major == 1)
            {
                break;
            }

            piece = read >= piece ? Math.Min(piece * 4, Large) : piece;
            if (unsent >= Large)
            {
                unsent = 0;
                await to.FlushAsync(cancellationToken);
            }
        }

        // The server sends the rest of a response that it has begun only when it is told to; one that it has not begun goes out with its end.
        if (unsent > 0 && response.HasStarted)
        {
            await to.FlushAsync(cancellationToken);
        }
    }

    /// <summary>Without waiting: what comes from the network is not read before it is asked for.</summary>
    private static Stream Open(HttpContent content) => content.ReadAsStream();
}
