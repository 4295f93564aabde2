using System.Net.Sockets;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>A connection to a pod that has just woken; tells when the first byte has gone out.</summary>
internal sealed class FirstByteStream(Socket socket, Action sent) : NetworkStream(socket, ownsSocket: true)
{
    private Action? sent = sent;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var written = base.WriteAsync(buffer, cancellationToken);
        Interlocked.Exchange(ref sent, null)?.Invoke();
        return written;
    }
}
