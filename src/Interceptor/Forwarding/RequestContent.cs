using System.Buffers;
using System.Net;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>
/// The content of one attempt to send a request. Every request that must not be sent twice has one, also those without a body:
/// <see cref="SocketsHttpHandler"/>, which may repeat a request <i>without</i> content, repeats one with it only where the pod has said, over
/// HTTP/2, that it has not looked at it.
/// </summary>
/// <param name="body">The client's; null where it has none.</param>
/// <param name="connector">Knows whether the pod is there.</param>
/// <param name="attempt">The token with which the request is sent.</param>
internal sealed class RequestContent(ClientBody? body, PodConnector connector, CancellationToken attempt) : HttpContent
{
    /// <summary>In bytes: what is made up at once of a body that is not sent, and at most: a client may claim what it likes, and it takes a moment.</summary>
    private const int FilledAtOnce = 1024 * 1024;
    private const long MostFilled = 16L * 1024 * FilledAtOnce;

    /// <summary>Whether it was sent, or began to be.</summary>
    public bool Begun { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        Begun = true;
        return body is null ? Task.CompletedTask : SendAsync(body, stream, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return body is null;
    }

    private async Task SendAsync(ClientBody body, Stream to, CancellationToken cancellationToken)
    {
        await body.SendAsync(to, connector, attempt, cancellationToken);
        if (body.Declined && Headers.ContentLength - body.Written is > 0 and var rest)
        {
            await FillAsync(to, rest);
        }
    }

    /// <summary>
    /// Makes up the rest of a body that the pod has declined: the handler fails a request that is shorter than its headers say, and reads no answer. Nothing of it leaves,
    /// since the connection takes no more.
    /// </summary>
    private static async ValueTask FillAsync(Stream to, long rest)
    {
        if (rest > MostFilled)
        {
            throw new IOException("The pod closed the connection before it had read the body.");
        }

        var bytes = ArrayPool<byte>.Shared.Rent(FilledAtOnce);
        bytes.AsSpan().Clear();
        try
        {
            for (; rest > 0; rest -= Math.Min(rest, bytes.Length))
            {
                await to.WriteAsync(bytes.AsMemory(0, (int)Math.Min(rest, bytes.Length)), CancellationToken.None);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
