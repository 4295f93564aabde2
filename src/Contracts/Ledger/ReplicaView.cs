namespace Wakegate.Contracts.Ledger;

/// <summary>One interceptor as the reader knows it.</summary>
/// <param name="id">Its id in the ledger.</param>
/// <param name="header">What it last said of itself.</param>
/// <param name="knownSince">When it was first heard of, in Redis ms.</param>
/// <param name="knownFromStart">Whether it started while we were reading: its totals were 0 then, and averages may begin before it.</param>
internal sealed class ReplicaView(string id, ReplicaHeader header, long knownSince, bool knownFromStart)
{
    public string Id => id;

    public long Start => header.Start;

    public bool KnownFromStart => knownFromStart;

    /// <summary>From when on we know all that it did.</summary>
    public long KnownSince => knownFromStart ? long.MinValue / 2 : knownSince;

    /// <summary>Of the last write that we know of.</summary>
    public long Sequence { get; set; } = header.Sequence;

    /// <summary>In Redis ms, as far as we know.</summary>
    public long LeaseEnd { get; set; }

    /// <summary>How many messages we had had, over all replicas, when its last one came: later than a read that began before that.</summary>
    public long Heard { get; set; }

    /// <summary>Routes that it has or had a record of, but those that were forgotten.</summary>
    public HashSet<RouteAccount> Routes { get; } = [];

    /// <summary>Whether a route was forgotten: one that is new to us may then have totals of long ago.</summary>
    public bool HasForgotten { get; private set; }

    public void Forget(RouteAccount account) => HasForgotten |= Routes.Remove(account);
}
