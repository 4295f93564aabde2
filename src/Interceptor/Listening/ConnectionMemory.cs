using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace Wakegate.Interceptor.Listening;

/// <summary>
/// What connections receive into, and the small pieces of what they send. A receive fills one block at most, and Kestrel's have 4 KiB: of a large upload, that
/// was a third of the processor's time. Here blocks are large while few are out, and Kestrel's own beyond.
/// </summary>
/// <param name="small">Kestrel's own, which gives back to the runtime what it has not needed for a while.</param>
internal sealed class ConnectionMemory(MemoryPool<byte> small) : MemoryPool<byte>
{
    /// <summary>In bytes.</summary>
    public const int LargeBlock = 32 * 1024;

    /// <summary>How many large blocks a pool makes, 4 MiB, and keeps. Kestrel makes a pool for each core, 16 at most, and port.</summary>
    public const int MostLarge = 128;

    private readonly ConcurrentQueue<Block> free = new();
    private int made;

    /// <summary>In bytes, what can be had of it when no large block is left: pipes get what is larger elsewhere. What is given can be more.</summary>
    public override int MaxBufferSize => small.MaxBufferSize;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1) =>
        minBufferSize <= MaxBufferSize && TakeLarge() is { } block ? block : small.Rent(minBufferSize);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            small.Dispose();
        }
    }

    private Block? TakeLarge() =>
        free.TryDequeue(out var block) ? block
        : made < MostLarge && Interlocked.Increment(ref made) <= MostLarge ? new Block(free)
        : null;

    /// <summary>Pinned for good, so that no call of the kernel has to pin it.</summary>
    private sealed class Block(ConcurrentQueue<Block> free) : IMemoryOwner<byte>
    {
        public Memory<byte> Memory { get; } =
            MemoryMarshal.CreateFromPinnedArray(GC.AllocateUninitializedArray<byte>(LargeBlock, pinned: true), 0, LargeBlock);

        public void Dispose() => free.Enqueue(this);
    }
}

/// <summary>Puts <see cref="ConnectionMemory"/> before each pool that Kestrel makes.</summary>
internal sealed class ConnectionMemoryFactory(IMemoryPoolFactory<byte> kestrel) : IMemoryPoolFactory<byte>
{
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new ConnectionMemory(kestrel.Create(options));
}
