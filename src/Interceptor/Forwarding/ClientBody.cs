using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>
/// The body of a client's request on its way to a pod. Its beginning is kept until a pod has answered, so that a request of which a pod is known to
/// have seen nothing can be sent to it again, or to another. Before every read that has to wait, what has been read is sent on: whoever pauses in the
/// middle of a body has been heard so far, and nothing is sent piece by piece while more is there.
/// </summary>
/// <param name="reader">Reads it. Only here.</param>
internal sealed class ClientBody(PipeReader reader) : IDisposable
{
    /// <summary>In bytes. Most gRPC messages and forms are smaller; a thousand that wait for an answer take 16 MB at most.</summary>
    private const int MostKept = 16 * 1024;

    /// <summary>In bytes: what is written at once.</summary>
    private const int MostWritten = 64 * 1024;

    // The one that is being sent over HTTP/1.1, for the connection that it is sent on, which the handler does not tell.
    private static readonly AsyncLocal<ClientBody?> Sending = new();

    // As much as length says is what is kept, from the body's start.
    private byte[] kept = [];
    private int length;

    private bool begun;
    private bool ended;
    private Task sending = Task.CompletedTask;
    private volatile bool answered;

    /// <summary>Whether all that has been read of it is kept: it can be sent from its beginning.</summary>
    public bool CanRestart { get; private set; } = true;

    /// <summary>Whether the pod has closed the connection on which it was being sent: no more of it is read.</summary>
    public bool Declined { get; private set; }

    /// <summary>In bytes: what of it has been sent in this attempt.</summary>
    public long Written { get; private set; }

    /// <summary>Whether the attempt was ended when the pod had been sent all that had come of it, and there was more to come.</summary>
    public bool Late { get; private set; }

    /// <summary>Why it could not be read; null while it can.</summary>
    public Exception? Fault { get; private set; }

    /// <summary>For whoever writes to the pod: it has closed the connection.</summary>
    public static void Decline() => Sending.Value?.Declined = true;

    /// <summary>Sends all of it. A pod that refuses a request over HTTP/2 unseen may be sent it again while the last attempt is about to end.</summary>
    /// <param name="to">The pod's.</param>
    /// <param name="connector">Knows whether the pod is there.</param>
    /// <param name="attempt">The token with which the request was sent.</param>
    /// <param name="stream">The token with which its body is: over HTTP/1.1 the same, over HTTP/2 the stream's own.</param>
    /// <exception cref="IOException">It could not be read, or written, or its beginning is no longer kept.</exception>
    public Task SendAsync(Stream to, PodConnector connector, CancellationToken attempt, CancellationToken stream) =>
        sending = SendAfterAsync(sending, to, connector, attempt, stream);

    /// <summary>A pod has begun to answer: the request is its own.</summary>
    public void Answered()
    {
        answered = true;
        if (sending.IsCompleted)
            Forget();
    }

    /// <summary>Ends an attempt to send it. When this has, nobody reads it.</summary>
    public async ValueTask StopAsync(ForwardDeadline attempt)
    {
        if (!sending.IsCompleted)
        {
            // The token ends a write; a wait for the client is ended here, since the stream's token need not be cancelled by it once the pod has answered.
            attempt.Cancel();
            CancelRead(reader);
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Lets go of it, when its request is over; after <see cref="StopAsync"/>.</summary>
    public void Dispose()
    {
        TakeRest();
        Forget();
    }

    /// <summary>
    /// Takes what has come of a body that nobody will send. Kestrel does that itself unless its connection is at an end. Then a body whose end was read and not
    /// taken makes its next read fail, of which it warns (https://github.com/dotnet/aspnetcore/issues/52324).
    /// </summary>
    private void TakeRest()
    {
        // A first read would ask the client for it (100 Continue).
        if (!begun || ended)
            return;
        try
        {
            if (reader.TryRead(out var rest))
                reader.AdvanceTo(rest.Buffer.End);
        }
        catch (Exception gone) when (IsGone(gone))
        {
            // It cannot be read any more.
        }
    }

    private static void CancelRead(PipeReader reader)
    {
        try
        {
            reader.CancelPendingRead();
        }
        catch (Exception gone) when (IsGone(gone))
        {
            // The client has left. Kestrel says so here too, and ends the read by itself.
        }
    }

    private static bool IsGone(Exception thrown) => thrown is IOException or InvalidOperationException or OperationCanceledException;

    private async Task SendAfterAsync(Task before, Stream to, PodConnector connector, CancellationToken attempt, CancellationToken stream)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!CanRestart)
            throw new IOException("The pod refused the request when the beginning of its body was no longer kept.");
        if (attempt == stream)
            Sending.Value = this;
        Written = 0;

        // Not by the token itself: a server may not read on after a read that was cancelled so.
        await using var over = stream.UnsafeRegister(static reader => CancelRead((PipeReader)reader!), reader);
        try
        {
            if (length > 0)
                await WriteAsync(kept.AsMemory(0, length), to, attempt);
            while (!ended && !Declined)
                await SendNextAsync(to, connector, attempt, stream);
        }
        catch (OperationCanceledException) when (stream != attempt && stream.IsCancellationRequested && !attempt.IsCancellationRequested)
        {
            // The stream is no more. A write, of which nothing leaves, fails with the reason, which tells whether the pod has seen the request.
            await to.WriteAsync(new byte[1], stream);
            throw;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendNextAsync(Stream to, PodConnector connector, CancellationToken attempt, CancellationToken stream)
    {
        var read = await ReadAsync(to, attempt, stream);
        if (Declined)
            return;
        var piece = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, MostWritten));
        var last = read.IsCompleted && piece.Length == read.Buffer.Length;
        if (!CanRestart || answered)
        {
            await PassAsync(piece, to, last, attempt);
        }
        else if (piece.Length <= MostKept - length)
        {
            await KeepAsync(piece, to, last, attempt);
        }
        else
        {
            // What is read from now on cannot be sent to another.
            reader.AdvanceTo(read.Buffer.Start);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(attempt, stream);
            await connector.SettleAsync(to, either.Token);
            Forget();
        }
    }

    /// <summary>Reads on. What has been written goes out before there is a wait. Where the pod declines it, there is none, and nothing has been read.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReadAsync(Stream to, CancellationToken attempt, CancellationToken stream)
    {
        while (true)
        {
            if (!TryRead(out var read))
            {
                await to.FlushAsync(attempt).WaitAsync(stream);
                if (Declined)
                    return default;
                read = await WaitAsync();
            }

            if (!read.IsCanceled)
                return read;
            reader.AdvanceTo(read.Buffer.Start);
            Late = attempt.IsCancellationRequested;
            attempt.ThrowIfCancellationRequested();
            stream.ThrowIfCancellationRequested();
        }
    }

    private bool TryRead(out ReadResult read)
    {
        begun = true;
        try
        {
            return reader.TryRead(out read);
        }
        catch (Exception fault)
        {
            Fault ??= fault;
            throw;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> WaitAsync()
    {
        try
        {
            return await reader.ReadAsync(CancellationToken.None);
        }
        catch (Exception fault)
        {
            Fault ??= fault;
            throw;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask KeepAsync(ReadOnlySequence<byte> piece, Stream to, bool last, CancellationToken attempt)
    {
        var (start, end) = (length, length + (int)piece.Length);
        if (end > kept.Length)
            Grow(end);
        piece.CopyTo(kept.AsSpan(start));
        (length, ended) = (end, last);
        reader.AdvanceTo(piece.End);
        if (end > start)
            await WriteAsync(kept.AsMemory(start, end - start), to, attempt);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask PassAsync(ReadOnlySequence<byte> piece, Stream to, bool last, CancellationToken attempt)
    {
        Forget();
        var copied = (int)piece.Length;
        var bytes = ArrayPool<byte>.Shared.Rent(MostWritten);
        try
        {
            // Taken before it is written: more can come meanwhile.
            piece.CopyTo(bytes);
            ended = last;
            reader.AdvanceTo(piece.End);
            if (copied > 0)
                await WriteAsync(bytes.AsMemory(0, copied), to, attempt);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private ValueTask WriteAsync(ReadOnlyMemory<byte> piece, Stream to, CancellationToken attempt)
    {
        Written += piece.Length;
        return to.WriteAsync(piece, attempt);
    }

    private void Grow(int least)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(least, 2 * kept.Length));
        kept.AsSpan(0, length).CopyTo(larger);
        Release();
        kept = larger;
    }

    private void Forget()
    {
        Release();
        (kept, length, CanRestart) = ([], 0, false);
    }

    private void Release()
    {
        if (kept.Length > 0)
            ArrayPool<byte>.Shared.Return(kept);
    }
}
