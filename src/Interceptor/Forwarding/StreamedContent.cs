using System.Net;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>
/// A response body of unknown length, whose headers go to the client as soon as the pod pauses before the first byte. YARP sends headers with
/// the first byte of the body, so that a response without a body keeps its end in them (gRPC's trailers-only form needs that); but a client
/// of an event stream or a gRPC call may wait for the headers alone. Whether the first read has to wait tells the two apart.
/// </summary>
internal sealed class StreamedContent : HttpContent
{
    private readonly HttpContent body;
    private readonly HttpResponse response;

    private StreamedContent(HttpContent body, HttpResponse response)
    {
        this.body = body;
        this.response = response;
    }

    /// <summary>Wraps a response's body where its length is unknown; after its headers have been copied.</summary>
    public static void Wrap(HttpResponseMessage message, HttpResponse response)
    {
        if (message is { Content.Headers.ContentLength: null, StatusCode: not (HttpStatusCode.SwitchingProtocols or HttpStatusCode.NoContent or HttpStatusCode.NotModified) })
        {
            message.Content = new StreamedContent(message.Content, response);
        }
    }

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => throw new NotSupportedException("It is read asynchronously.");

    // YARP sends on each piece of a body itself.
    protected override async Task<Stream> CreateContentReadStreamAsync() => new FlushingStream(await body.ReadAsStreamAsync(response.HttpContext.RequestAborted))
    {
        SendOn = cancellation => response.HasStarted ? Task.CompletedTask : response.Body.FlushAsync(cancellation),
    };

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => body.CopyToAsync(stream, context, response.HttpContext.RequestAborted);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            body.Dispose();
        }

        base.Dispose(disposing);
    }
}
