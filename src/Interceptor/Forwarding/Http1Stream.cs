using System.Net.Sockets;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>A connection to a pod for HTTP/1.1 in clear text.</summary>
/// <param name="socket">Connected.</param>
/// <param name="proven">Called when the pod has taken the first bytes.</param>
/// <param name="reached">Called when the first bytes have gone out.</param>
internal sealed class Http1Stream(Socket socket, Action proven, Action? reached) : NetworkStream(socket, ownsSocket: true)
{
    /// <summary>An error of a first write of at most so much means that nothing was sent: the socket's buffer, which was empty, takes all or nothing.</summary>
    private const int AllOrNothing = 16 * 1024;

    private readonly AnswerWatch watch = new();
    private bool written;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (watch.Ask())
            return watch.Declined ? default : watch.Send(base.WriteAsync(buffer, cancellationToken));
        return written ? base.WriteAsync(buffer, cancellationToken) : WriteFirstAsync(buffer, cancellationToken);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        watch.Reading(buffer.IsEmpty);
        var read = base.ReadAsync(buffer, cancellationToken);
        return buffer.IsEmpty ? read : watch.Watch(read);
    }

    private async ValueTask WriteFirstAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            await base.WriteAsync(buffer, cancellationToken);
        }
        catch (IOException failed) when (buffer.Length <= AllOrNothing)
        {
            throw new PodUnreachableException($"The connection was closed before a byte was sent: {failed.Message}", failed);
        }

        written = true;
        proven();
        reached?.Invoke();
    }
}
