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
    /// <summary>In bytes. Most gRPC messages and forms are smaller; a thousand in flight take 16 MB at most.</summary>
    private const int MostKept = 16 * 1024;

    /// <summary>In bytes: what is written at once.</summary>
    private const int MostWritten = 64 * 1024;

    // What is kept, from its start, as much as length says; or else what is just written.
    private byte[] buffer = [];
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
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
        (buffer, length, CanRestart) = ([], 0, false);
    }

    private async Task SendAfterAsync(Task before, Stream to, PodConnector connector, CancellationToken attempt, CancellationToken cancellationToken)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!CanRestart)
            throw new IOException("The pod refused the request when the beginning of its body was no longer kept.");

        // Once the response has come, the end of the attempt does not end the stream's token by itself.
        using var either = cancellationToken == attempt ? null : CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, attempt);
        var stop = either?.Token ?? cancellationToken;
        try
        {
            if (length > 0)
                await to.WriteAsync(buffer.AsMemory(0, length), stop);
            while (!ended)
                await SendNextAsync(to, connector, stop);
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
        var piece = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, MostWritten));
        var last = read.IsCompleted && piece.Length == read.Buffer.Length;
        var taken = piece.Start;
        ReadOnlyMemory<byte> bytes;
        try
        {
            if (CanRestart && (answered || piece.Length > MostKept - length))
                await ForgetAsync(to, connector, cancellationToken);
            bytes = Copy(piece);
            taken = piece.End;
        }
        finally
        {
            // Before it is written: more can come meanwhile.
            reader.AdvanceTo(taken);
        }

        // A write of nothing is a flush.
        if (!bytes.IsEmpty)
            await to.WriteAsync(bytes, cancellationToken);
        ended = last;
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

    /// <summary>From now on nothing is kept. The pod must be there: what is read now cannot be sent to another.</summary>
    private async ValueTask ForgetAsync(Stream to, PodConnector connector, CancellationToken cancellationToken)
    {
        await connector.SettleAsync(to, cancellationToken);
        (length, CanRestart) = (0, false);
    }

    private ReadOnlyMemory<byte> Copy(ReadOnlySequence<byte> piece)
    {
        var (start, end) = (length, length + (int)piece.Length);
        if (end > buffer.Length)
            Grow(end);
        piece.CopyTo(buffer.AsSpan(start));
        length = CanRestart ? end : 0;
        return buffer.AsMemory(start, end - start);
    }

    private void Grow(int least)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(least, 2 * buffer.Length));
        buffer.AsSpan(0, length).CopyTo(larger);
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }
}
