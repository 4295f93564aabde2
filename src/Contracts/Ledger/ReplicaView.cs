namespace Wakegate.Contracts.Ledger;

/// <summary>One interceptor as the reader knows it.</summary>
/// <param name="id">Its id in the ledger.</param>
/// <param name="header">What it last said of itself.</param>
/// <param name="knownSince">When it was first heard of, in Redis ms.</param>
/// <param name="ledgerSince">When any was: what those did that had left before, in whose place it may have come, is not known.</param>
internal sealed class ReplicaView(string id, ReplicaHeader header, long knownSince, long ledgerSince)
{
    // No record has left the ledger so soon.
    private bool complete = knownSince - header.Start < TrackedRoute.Margin.TotalMilliseconds;

    public string Id => id;

    public long Start => header.Start;

    /// <summary>From when on we know what it did, and when.</summary>
    public long KnownSince => knownSince;

    /// <summary>From when on we know what all replicas did.</summary>
    public long LedgerSince => ledgerSince;

    /// <summary>Until what it said first is merged.</summary>
    public bool IsNew { get; set; } = true;

    /// <summary>
    /// Whether a route that it mentions for the first time had had no requests when it started. Later than at first, that is so only where we have known it from its start:
    /// else the route may have been idle, and gone from the ledger, while its totals were not 0.
    /// </summary>
    public bool CountsFromStart => IsNew || complete;

    /// <summary>Of the last write that we know of.</summary>
    public long Sequence { get; private set; }

    /// <summary>In Redis ms, as far as we know.</summary>
    public long LeaseEnd { get; private set; }

    /// <summary>When its last write was made that we know of, in Redis ms. What it has counted since, nobody but it knows. Read without the snapshot's lock.</summary>
    public long KnownUntil { get => Volatile.Read(ref field); private set => Volatile.Write(ref field, value); }

    /// <summary>How many messages we had had, over all replicas, when its last one came: later than a read that began before that.</summary>
    public long Heard { get; set; }

    /// <summary>Routes that it has or had a record of, but those that were forgotten.</summary>
    public HashSet<RouteAccount> Routes { get; } = [];

    /// <summary>Takes what a write says of the replica itself, unless a later one is known.</summary>
    public void Renew(ReplicaHeader written, long leaseEnd)
    {
        if (written.Sequence < Sequence)
            return;

        (Sequence, LeaseEnd) = (written.Sequence, leaseEnd);
        KnownUntil = written.At > 0 ? written.At : leaseEnd - written.Lease;
    }

    /// <summary>What it says of the route from now on may have totals of long ago.</summary>
    public void Forget(RouteAccount account) => complete &= !Routes.Remove(account);
}
