using System.Net.Sockets;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>
/// A connection to a pod for HTTP/2 in clear text. After the client's preface, which is the first write and says nothing of any request, it sends
/// nothing before the pod's own has come (RFC 9113, section 3.4: every server sends one at once): what accepts and closes, as a proxy before a pod
/// that has not started does, has seen no request then.
/// </summary>
internal sealed class Http2Stream : NetworkStream
{
    private readonly TaskCompletionSource answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer late;
    private readonly Action proven;
    private Action? reached;
    private bool prefaced;
    private volatile bool tooLate;

    /// <param name="socket">Connected.</param>
    /// <param name="clock">Times the wait.</param>
    /// <param name="patience">How long the pod's preface is waited for.</param>
    /// <param name="proven">Called when it has come.</param>
    /// <param name="reached">Called when the first request goes out.</param>
    public Http2Stream(Socket socket, TimeProvider clock, TimeSpan patience, Action proven, Action? reached)
        : base(socket, ownsSocket: true)
    {
        this.proven = proven;
        this.reached = reached;
        late = clock.CreateTimer(static stream => ((Http2Stream)stream!).GiveUp(), this, patience, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Ends when the pod's preface has come; fails when the connection is closed before.</summary>
    public Task Answered => answered.Task;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (reached is null && answered.Task.IsCompletedSuccessfully)
        {
            return base.WriteAsync(buffer, cancellationToken);
        }

        if (prefaced)
        {
            return WriteAfterAnswerAsync(buffer, cancellationToken);
        }

        prefaced = true;
        return WritePrefaceAsync(buffer, cancellationToken);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        answered.Task.IsCompletedSuccessfully ? base.ReadAsync(buffer, cancellationToken) : ReadAnswerAsync(buffer, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        late.Dispose();
        base.Dispose(disposing);
        Fail(null);
    }

    private void GiveUp()
    {
        tooLate = true;
        Dispose();
    }

    private async ValueTask WriteAfterAnswerAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        await answered.Task.WaitAsync(cancellationToken);
        await base.WriteAsync(buffer, cancellationToken);
        Interlocked.Exchange(ref reached, null)?.Invoke();
    }

    private async ValueTask WritePrefaceAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            await base.WriteAsync(buffer, cancellationToken);
        }
        catch (Exception failed) when (failed is IOException or ObjectDisposedException)
        {
            throw Fail(failed);
        }
    }

    // Also a read of nothing, with which the handler waits, may be the one that learns of the end.
    private async ValueTask<int> ReadAnswerAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int bytes;
        try
        {
            bytes = await base.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception failed) when (failed is IOException or ObjectDisposedException)
        {
            throw Fail(failed);
        }

        if (buffer.IsEmpty)
            return bytes;
        if (bytes == 0)
            throw Fail(null);

        late.Dispose();
        answered.TrySetResult();
        proven();
        return bytes;
    }

    private PodUnreachableException Fail(Exception? cause)
    {
        var unreachable = new PodUnreachableException(
            $"The connection was closed before a request was sent: {cause?.Message ?? "there was no HTTP/2 preface."}", cause ?? new IOException("End of stream."), accepted: !tooLate);
        if (answered.TrySetException(unreachable))
        {
            // Whoever waits to write is told; there need not be one.
            _ = answered.Task.Exception;
        }

        return unreachable;
    }
}
