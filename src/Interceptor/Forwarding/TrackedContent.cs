using System.Net;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>
/// The content of every request that must not be sent twice, also of those without a body: <see cref="SocketsHttpHandler"/>, which may repeat a
/// request <i>without</i> content, never repeats one with it. It says whether the client's body has been touched, after which the
/// request cannot be sent anew even where nothing of it has left; so on a new connection it waits with that until the pod is known to be there.
/// </summary>
internal sealed class TrackedContent : HttpContent
{
    private readonly HttpContent? body;
    private readonly FlushingStream? source;
    private readonly PodConnector connector;

    public TrackedContent(HttpRequestMessage request, PodConnector connector)
    {
        this.connector = connector;
        request.Options.TryGetValue(Source, out source);

        // YARP makes a content of nothing for headers that are a content's, as Content-Length: 0 is.
        body = request.Content is { Headers.ContentLength: 0 } ? null : request.Content;
        if (request.Content is null)
        {
            return;
        }

        foreach (var header in request.Content.Headers.NonValidated)
        {
            Headers.TryAddWithoutValidation(header.Key, header.Value);
        }
    }

    /// <summary>Where the client's body is read.</summary>
    public static HttpRequestOptionsKey<FlushingStream> Source { get; } = new("Wakegate.Source");

    /// <summary>Whether something of the body has been read.</summary>
    public bool Touched { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        body is null ? Task.CompletedTask : CopyAsync(body, stream, context, cancellationToken);

    private async Task CopyAsync(HttpContent body, Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (Touched)
        {
            // The handler sends a request anew that the pod says it has not looked at. Its body is kept nowhere.
            throw new IOException("The pod refused the request when its body had been read.");
        }

        if (body.Headers.ContentLength is null)
        {
            // The first byte may be long in coming, as in a gRPC stream: the pod gets the headers before it.
            await stream.FlushAsync(cancellationToken);
        }

        if (!connector.Proven)
        {
            // Over HTTP/1.1 a flush is the write that tells; over HTTP/2 it only asks for one, and the next has to wait for that.
            await stream.FlushAsync(cancellationToken);
            await stream.FlushAsync(cancellationToken);
            await connector.SettleAsync(cancellationToken);
            await stream.FlushAsync(CancellationToken.None);
        }

        Touched = true;
        source?.SendOn = stream.FlushAsync;
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
