using System.Text.Json;
using System.Text.Json.Nodes;

namespace Wakegate.Local.Api;

/// <summary>
/// All objects, under one version counter as in etcd: every write gets the next version, and every watcher sees writes in that order.
/// </summary>
/// <param name="history">How many events are kept for watchers that come back.</param>
internal sealed class Store(int history = 4096)
{
    // Guards writes and subscriptions: the snapshot and the log move together, so that a watcher that starts at a snapshot's version
    // misses nothing and sees nothing twice. Reads take the snapshot without it.
    private readonly Lock gate = new();
    private readonly WatchLog log = new(history);
    private Snapshot current = Snapshot.Empty;

    /// <summary>The state after the last write. Already there when a watcher learns of that write.</summary>
    public Snapshot Current => Volatile.Read(ref current);

    /// <summary>How many watchers are subscribed.</summary>
    public int Watchers
    {
        get
        {
            lock (gate)
                return log.Watchers;
        }
    }

    /// <summary>
    /// Makes one change and answers with what is stored now, or with what was removed. A change that changes nothing writes nothing, as in
    /// the real API server: a controller that repeats itself does not wake itself.
    /// </summary>
    /// <param name="key">The object.</param>
    /// <param name="change">Decides from the present state; pure and quick, since it holds up all other writes.</param>
    /// <param name="dryRun">Decides and answers, but keeps nothing.</param>
    public Outcome<StoredObject> Apply(ObjectKey key, Func<StoredObject?, Change> change, bool dryRun = false)
    {
        lock (gate)
        {
            var before = current.Find(key);
            return change(before) switch
            {
                Change.Put put when before is not null && IsUnchanged(before, put.Json) => before,
                Change.Put put => Commit(before, Versioned(key, put.Json), removed: false, dryRun),
                Change.Remove remove => Commit(before, Versioned(key, remove.Last), removed: true, dryRun),
                Change.Refuse refuse => refuse.Failure,
                var other => throw new InvalidOperationException($"Unknown change {other}."),
            };
        }
    }

    /// <summary>Follows a kind from a version on, exclusively; refused as expired where the events since then are no longer known.</summary>
    public Outcome<Watcher> Subscribe(ResourceKind kind, string? inNamespace, long from)
    {
        lock (gate)
            return log.Subscribe(kind, inNamespace, from, current.Version);
    }

    /// <summary>Tells a watcher how far it is. Queued like an event, so that it cannot overtake one.</summary>
    public void Mark(Watcher watcher)
    {
        lock (gate)
            watcher.Offer(new Bookmark(current.Version));
    }

    /// <summary>Whether a list that began at this version can be continued.</summary>
    public bool Remembers(long version)
    {
        lock (gate)
            return version >= log.Compacted && version <= current.Version;
    }

    /// <summary>Ends a subscription.</summary>
    public void Unsubscribe(Watcher watcher)
    {
        lock (gate)
            log.Unsubscribe(watcher);
    }

    /// <summary>Forgets all events so far, as a compaction does: who is not up to date now must list again.</summary>
    public void Compact()
    {
        lock (gate)
        {
            // One version passes unseen, so that not even the latest version that a client can hold is still in the log.
            current = current with { Version = current.Version + 1 };
            log.Compact(current.Version);
        }
    }

    private static bool IsUnchanged(StoredObject before, JsonObject after)
    {
        var same = after.DeepClone().AsObject();
        SetVersion(same, before.Version);
        return JsonNode.DeepEquals(JsonObject.Create(before.Json), same);
    }

    private static void SetVersion(JsonObject json, long version) =>
        json["metadata"]!["resourceVersion"] = version.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private StoredObject Versioned(ObjectKey key, JsonObject json)
    {
        var version = current.Version + 1;
        SetVersion(json, version);
        return new StoredObject(key, version, JsonSerializer.SerializeToElement(json));
    }

    private StoredObject Commit(StoredObject? before, StoredObject after, bool removed, bool dryRun)
    {
        if (dryRun)
            return after;
        var objects = removed ? current.Objects.Remove(after.Key) : current.Objects.SetItem(after.Key, after);
        Volatile.Write(ref current, new Snapshot(after.Version, objects));
        log.Append(new StoreEvent(before, after, removed));
        return after;
    }
}
