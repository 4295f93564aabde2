namespace Wakegate.Interceptor.Forwarding;

/// <summary>
/// A body on its way from one side to the other. Before a read that has to wait, what has been read so far is sent on: whoever pauses in the middle of
/// a body has been heard so far, and nothing is sent piece by piece while more is there.
/// </summary>
internal sealed class FlushingStream(Stream inner) : Stream
{
    /// <summary>Sends on what has been written to the other side, where it may be sent.</summary>
    public Func<CancellationToken, Task>? SendOn { get; set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = inner.ReadAsync(buffer, cancellationToken);
        return read.IsCompleted || SendOn is null ? read : FlushThenReadAsync(SendOn, read, cancellationToken);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("It is read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    // Nobody else writes to the other side meanwhile: whoever copies waits for this read.
    private static async ValueTask<int> FlushThenReadAsync(Func<CancellationToken, Task> sendOn, ValueTask<int> read, CancellationToken cancellationToken)
    {
        // It would look like a failure of the side that is read. Whoever writes to the other one next, or waits for its answer, learns of it.
        await sendOn(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return await read;
    }
}
