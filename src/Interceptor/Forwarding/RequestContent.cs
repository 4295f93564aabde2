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
    /// <summary>Whether it was sent, or began to be.</summary>
    public bool Begun { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        Begun = true;
        return body?.SendAsync(stream, connector, attempt, cancellationToken) ?? Task.CompletedTask;
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return body is null;
    }
}
