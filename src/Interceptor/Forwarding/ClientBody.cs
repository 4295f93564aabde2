using System.Buffers;
using System.IO.Pipelines;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>
/// The body of a client's request on its way to a pod. Its beginning is kept until a pod has answered, so that a request of which a pod is known to
/// have seen nothing can be sent to it again, or to another. Before every read that has to wait, what has been read is sent on: whoever pauses in the
/// middle of a body has been heard so far, and nothing is sent piece by piece while more is there.
/// </summary>
/// <param name="reader">Reads it. Only here.</param>
internal sealed class ClientBody(PipeReader reader) : IDisposable
{
    /// <summary>In bytes. Most gRPC messages and forms are smaller, and a thousand in flight cost a pod's sidecar 16 MB at most.</summary>
    private const int MostKept = 16 * 1024;

    /// <summary>What is copied together where it has come in many pieces, for one write.</summary>
    private const int LargestWrite = 64 * 1024;

    private byte[] kept = [];
    private int length;
    private bool ended;
    private Task sending = Task.CompletedTask;
    private volatile bool answered;

    /// <summary>Whether all that has been read of it is kept: it can be sent from its beginning.</summary>
    public bool CanRestart { get; private set; } = true;

    /// <summary>Why it could not be read; null while it can.</summary>
    public Exception? Fault { get; private set; }

    /// <summary>Sends all of it. A pod that refuses a request over HTTP/2 unseen may be sent it again while the last attempt is about to end.</summary>
    /// <param name="to">The pod's.</param>
    /// <param name="connector">Knows whether the pod is there.</param>
    /// <param name="attempt">The token with which the request was sent.</param>
    /// <param name="cancellationToken">The token with which its body is: over HTTP/1.1 the same, over HTTP/2 the stream's own.</param>
    /// <exception cref="IOException">It could not be read, or written, or its beginning is no longer kept.</exception>
    public Task SendAsync(Stream to, PodConnector connector, CancellationToken attempt, CancellationToken cancellationToken) =>
        sending = SendAfterAsync(sending, to, connector, attempt, cancellationToken);

    /// <summary>A pod has begun to answer: the request is its own.</summary>
    public void Answered() => answered = true;

    /// <summary>Ends an attempt to send it; when this has, nobody reads it.</summary>
    public async ValueTask StopAsync(ForwardDeadline attempt)
    {
        if (!ended && !sending.IsCompleted)
            attempt.Cancel();

        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Lets go of what was kept; after <see cref="StopAsync"/>.</summary>
    public void Dispose()
    {
        if (kept.Length > 0)
            ArrayPool<byte>.Shared.Return(kept);
        (kept, length, CanRestart) = ([], 0, false);
    }

    private async Task SendAfterAsync(Task before, Stream to, PodConnector connector, CancellationToken attempt, CancellationToken cancellationToken)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!CanRestart)
            throw new IOException("The pod refused the request when the beginning of its body was no longer kept.");

        try
        {
            await WriteAsync(to, new(kept.AsMemory(0, length)), cancellationToken);
            while (!ended)
                await SendNextAsync(to, connector, cancellationToken);
        }
        catch (Exception) when (cancellationToken != attempt && cancellationToken.IsCancellationRequested && !attempt.IsCancellationRequested)
        {
            // The stream is no more. The handler looks here first; what it finds where the response would have been tells why, and whether the pod
            // has seen the request.
        }
    }

    private async ValueTask SendNextAsync(Stream to, PodConnector connector, CancellationToken cancellationToken)
    {
        var read = await ReadAsync(to, cancellationToken);
        var taken = read.Buffer.Start;
        try
        {
            var piece = await KeepAsync(read.Buffer, to, connector, cancellationToken);
            taken = read.Buffer.End;
            await WriteAsync(to, piece, cancellationToken);
            ended = read.IsCompleted;
        }
        finally
        {
            reader.AdvanceTo(taken);
        }
    }

    private async ValueTask<ReadResult> ReadAsync(Stream to, CancellationToken cancellationToken)
    {
        try
        {
            var read = reader.ReadAsync(cancellationToken);
            if (!read.IsCompleted)
            {
                // If that fails it would look like a failure to read. Whoever writes next, or waits for the answer, learns of it.
                await to.FlushAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            return await read;
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            Fault = fault;
            throw;
        }
    }

    /// <summary>Keeps a piece, and returns where it is now; of a body that is too large to be kept nothing is, once the pod is known to be there.</summary>
    private async ValueTask<ReadOnlySequence<byte>> KeepAsync(ReadOnlySequence<byte> piece, Stream to, PodConnector connector, CancellationToken cancellationToken)
    {
        if (!CanRestart)
            return piece;

        if (answered || piece.Length > MostKept - length)
        {
            await connector.SettleAsync(to, cancellationToken);
            Dispose();
            return piece;
        }

        var start = length;
        length += (int)piece.Length;
        if (length > kept.Length)
            Grow(start);
        piece.CopyTo(kept.AsSpan(start));
        return new(kept.AsMemory(start, length - start));
    }

    private void Grow(int used)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(length, 2 * kept.Length));
        kept.AsSpan(0, used).CopyTo(larger);
        if (kept.Length > 0)
            ArrayPool<byte>.Shared.Return(kept);
        kept = larger;
    }

    private static async ValueTask WriteAsync(Stream to, ReadOnlySequence<byte> piece, CancellationToken cancellationToken)
    {
        if (piece.IsSingleSegment)
        {
            // A write of nothing is a flush.
            if (!piece.IsEmpty)
                await to.WriteAsync(piece.First, cancellationToken);
            return;
        }

        var together = ArrayPool<byte>.Shared.Rent((int)Math.Min(piece.Length, LargestWrite));
        try
        {
            while (!piece.IsEmpty)
            {
                var part = piece.Slice(0, Math.Min(piece.Length, together.Length));
                part.CopyTo(together);
                await to.WriteAsync(together.AsMemory(0, (int)part.Length), cancellationToken);
                piece = piece.Slice(part.End);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(together);
        }
    }
}
