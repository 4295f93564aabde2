namespace Wakegate.Local.Api;

/// <summary>
/// The last events, and the watchers that follow them. Not safe for concurrent use: the store calls it under its own lock, which is what
/// makes "replay, then follow" free of gaps.
/// </summary>
internal sealed class WatchLog(int capacity)
{
    private readonly Queue<StoreEvent> events = new(capacity);
    private readonly HashSet<Watcher> watchers = [];

    /// <summary>Events up to and including this version are forgotten.</summary>
    public long Compacted { get; private set; }

    public int Watchers => watchers.Count;

    public void Append(StoreEvent written)
    {
        if (events.Count == capacity)
            Compacted = events.Dequeue().Version;
        events.Enqueue(written);
        watchers.RemoveWhere(watcher => !watcher.Offer(written));
    }

    public Outcome<Watcher> Subscribe(ResourceKind kind, string? inNamespace, long from, long latest)
    {
        if (from < Compacted)
            return Failure.Expired($"too old resource version: {from} ({Compacted})");
        // A later version can only come from another store's life, and is as good as expired.
        if (from > latest)
            return Failure.Expired($"too large resource version: {from}, current: {latest}");

        var watcher = new Watcher(kind, inNamespace, [.. events.Where(written => written.Version > from)]);
        watchers.Add(watcher);
        return watcher;
    }

    public void Unsubscribe(Watcher watcher) => watchers.Remove(watcher);

    public void Compact(long version)
    {
        events.Clear();
        Compacted = version;
    }
}
