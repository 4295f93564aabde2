using System.Net.Security;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>An encrypted connection to a pod, for either version of HTTP.</summary>
/// <param name="inner">Connected.</param>
/// <param name="accept">Which certificates are accepted.</param>
/// <param name="reached">Called when the first bytes of a request have gone out.</param>
internal sealed class TlsStream(Stream inner, RemoteCertificateValidationCallback accept, Action? reached)
    : SslStream(inner, leaveInnerStreamOpen: false, accept)
{
    private readonly AnswerWatch watch = new();
    private Action? reached = reached;

    private bool IsHttp1 => NegotiatedApplicationProtocol != SslApplicationProtocol.Http2;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (IsHttp1 && watch.Ask())
        {
            return watch.Declined ? default : watch.Send(base.WriteAsync(buffer, cancellationToken));
        }

        var written = base.WriteAsync(buffer, cancellationToken);
        if (reached is not null)
        {
            Interlocked.Exchange(ref reached, null)?.Invoke();
        }

        return written;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!IsHttp1)
        {
            return base.ReadAsync(buffer, cancellationToken);
        }

        watch.Reading(buffer.IsEmpty);
        var read = base.ReadAsync(buffer, cancellationToken);
        return buffer.IsEmpty ? read : watch.Watch(read);
    }
}
