using System.Collections.Concurrent;

namespace Wakegate.Contracts.Ledger;

/// <summary>
/// The ledger in memory, merged from messages and full reads. The two may cross, so each replica's sequence numbers decide: what is older
/// never replaces what is newer. A replica leaves by a full read alone, one that shows its hash gone.
/// </summary>
internal sealed class LedgerSnapshot(RedisClock clock)
{
    // Guards the replicas and orders all changes; answers do not wait for it.
    private readonly Lock merging = new();
    private readonly Dictionary<string, ReplicaView> replicas = [];
    private readonly ConcurrentDictionary<string, RouteAccount> accounts = new(StringComparer.Ordinal);
    private long messages;
    private long? since;
    private int live;

    /// <summary>Interceptors that hold a lease.</summary>
    public int Live => Volatile.Read(ref live);

    /// <summary>Routes for which anything is pending, and how much.</summary>
    public IEnumerable<(string Route, int Pending)> Busy =>
        accounts.Select(account => (account.Key, account.Value.Pending)).Where(account => account.Pending > 0);

    /// <summary>Null where the ledger has never mentioned the route.</summary>
    public RouteAccount? Find(string route) => accounts.GetValueOrDefault(route);

    /// <summary>Watches a route whether or not the ledger knows it.</summary>
    public RouteAccount Watch(string route, Action<RouteEdge> watcher)
    {
        lock (merging)
        {
            var account = Account(route);
            account.Watch(watcher);
            return account;
        }
    }

    public void Unwatch(RouteAccount account, Action<RouteEdge> watcher)
    {
        lock (merging)
        {
            account.Unwatch(watcher);
            if (account.IsForgotten)
                accounts.TryRemove(account.Route, out _);
        }
    }

    /// <summary>What a full read must know before it begins.</summary>
    public (IReadOnlyList<string> Known, long Messages) BeginRead()
    {
        lock (merging)
            return ([.. replicas.Keys], messages);
    }

    /// <summary>Merges a message. True where a full read is due: a message was lost before it, or the replica has left.</summary>
    public bool Merge(LedgerMessage message)
    {
        lock (merging)
        {
            since ??= clock.Now;
            var leaseEnd = clock.Now + message.Header.Lease;
            var unknown = !replicas.TryGetValue(message.Replica, out var replica);
            replica ??= Welcome(message.Replica, message.Header, leaseEnd);
            var lost = unknown || message.Header.Sequence > replica.Sequence + 1;

            replica.Heard = ++messages;
            foreach (var (route, record) in message.Changes)
                Apply(replica, message.Header.Sequence, route, record);

            Renew(replica, message.Header, leaseEnd);
            return lost || message.Header.Lease == 0;
        }
    }

    /// <summary>Merges a full read that began after so many messages. True where another is due at once: a replica came while it ran.</summary>
    public bool Merge(LedgerImage image, long messagesBefore)
    {
        lock (merging)
        {
            since ??= clock.Now;
            foreach (var found in image.Replicas.Where(found => found.Header.Readable))
                Merge(found);

            var missing = replicas.Values.Where(replica => image.Replicas.All(found => found.Id != replica.Id)).ToArray();
            var gone = missing.Where(replica => replica.Heard <= messagesBefore).ToArray();
            foreach (var replica in gone)
                Leave(replica);

            Forget();
            Volatile.Write(ref live, replicas.Count);
            return missing.Length > gone.Length;
        }
    }

    /// <summary>How long until a lease ends that nobody has renewed; null where none is held.</summary>
    public TimeSpan? UntilLeaseEnds()
    {
        lock (merging)
            return replicas.Count == 0 ? null : TimeSpan.FromMilliseconds(replicas.Values.Min(replica => replica.LeaseEnd) - clock.Now);
    }

    private void Merge(ReplicaImage found)
    {
        var replica = replicas.GetValueOrDefault(found.Id) ?? Welcome(found.Id, found.Header, found.LeaseEnd);
        var sequence = found.Header.Sequence;
        foreach (var (route, record) in found.Records)
            Apply(replica, sequence, route, record);

        var mentioned = found.Records.Select(record => record.Route).ToHashSet(StringComparer.Ordinal);
        foreach (var account in replica.Routes.Where(account => !mentioned.Contains(account.Route)))
            account.Rest(replica.Id, sequence);

        Renew(replica, found.Header, found.LeaseEnd);
    }

    private ReplicaView Welcome(string id, ReplicaHeader header, long leaseEnd)
    {
        var now = clock.Now;
        var replica = new ReplicaView(id, header, knownSince: now, ledgerSince: Math.Min(since ?? now, now));
        replica.Renew(header, leaseEnd);
        replicas.Add(id, replica);
        return replica;
    }

    // After all that the write says of routes: one that it shows busy must not be idle for a moment, as of the write.
    private static void Renew(ReplicaView replica, ReplicaHeader header, long leaseEnd)
    {
        replica.Renew(header, leaseEnd);
        replica.IsNew = false;
    }

    private void Apply(ReplicaView replica, long sequence, string route, RouteRecord record)
    {
        var account = Account(route);
        account.Apply(replica, sequence, record);
        replica.Routes.Add(account);
    }

    private void Leave(ReplicaView replica)
    {
        replicas.Remove(replica.Id);
        foreach (var account in replica.Routes)
            account.End(replica.Id, clock.Now);
    }

    private void Forget()
    {
        foreach (var (route, account) in accounts)
        {
            account.Forget(clock.Now);
            if (!account.IsForgotten)
                continue;

            accounts.TryRemove(route, out _);
            foreach (var replica in replicas.Values)
                replica.Forget(account);
        }
    }

    private RouteAccount Account(string route) => accounts.GetOrAdd(route, static (name, clock) => new(name, clock), clock);
}
