using System.Net;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>
/// The content of every request that must not be sent twice, also of those without a body. Two things follow from there being one:
/// <see cref="SocketsHttpHandler"/>, which repeats a request <i>without</i> content when a reused connection ends before the response, never
/// repeats it; and since it flushes nothing of a request before it asks for the content, <see cref="Started"/> says whether the request
/// can have been seen by a pod.
/// </summary>
internal sealed class TrackedContent : HttpContent
{
    private readonly HttpContent? body;

    public TrackedContent(HttpContent? body)
    {
        this.body = body;
        if (body is null)
        {
            return;
        }

        foreach (var header in body.Headers.NonValidated)
        {
            Headers.TryAddWithoutValidation(header.Key, header.Value);
        }
    }

    public bool Started { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        Started = true;
        return body is null ? Task.CompletedTask : CopyAsync(body, new PromptStream(stream), context, cancellationToken);
    }

    private static async Task CopyAsync(HttpContent body, PromptStream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (body.Headers.ContentLength is null)
        {
            // The first byte may be long in coming, as in a gRPC stream: the pod gets the headers before it.
            await stream.FlushAsync(cancellationToken);
        }

        await body.CopyToAsync(stream, context, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return body is null;
    }
}

/// <summary>A request that is known not to have left this process.</summary>
internal sealed class UnsentException(Exception inner) : IOException(inner.Message, inner);
