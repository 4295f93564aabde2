using System.Threading.Channels;

namespace Wakegate.Local.Api;

/// <summary>
/// One subscription: what was missed first, then what happens. Its reader never holds up a write: one that is too slow for the channel
/// is cut off, and its client lists and watches again.
/// </summary>
internal sealed class Watcher
{
    private const int Capacity = 1024;

    private readonly ResourceKind kind;
    private readonly string? inNamespace;
    private readonly Channel<Notice> channel = Channel.CreateBounded<Notice>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

    public Watcher(ResourceKind kind, string? inNamespace, IEnumerable<StoreEvent> missed)
    {
        this.kind = kind;
        this.inNamespace = inNamespace;
        Missed = [.. missed.Where(Concerns)];
    }

    /// <summary>Events between the version asked for and the subscription; older than all of <see cref="Notices"/>.</summary>
    public IReadOnlyList<StoreEvent> Missed { get; }

    /// <summary>What happened since the subscription. Ends when the watcher has been cut off.</summary>
    public ChannelReader<Notice> Notices => channel.Reader;

    /// <summary>False when the watcher could not take the notice and is cut off.</summary>
    public bool Offer(Notice notice)
    {
        if (notice is StoreEvent written && !Concerns(written) || channel.Writer.TryWrite(notice))
            return true;
        channel.Writer.Complete();
        return false;
    }

    private bool Concerns(StoreEvent written) => written.After.Key.IsIn(kind, inNamespace);
}
