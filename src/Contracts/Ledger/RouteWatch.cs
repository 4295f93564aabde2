using Wakegate.Contracts.Triggers;

namespace Wakegate.Contracts.Ledger;

/// <summary>A route that is being watched, until this is disposed of.</summary>
public sealed class RouteWatch : IDisposable
{
    private readonly LedgerSnapshot snapshot;
    private readonly Action<RouteEdge> watcher;

    internal RouteWatch(LedgerSnapshot snapshot, RouteId route, Action<RouteEdge> watcher)
    {
        this.snapshot = snapshot;
        this.watcher = watcher;
        Account = snapshot.Watch(route.ToString(), watcher);
    }

    /// <summary>What the ledger says of it, always the latest.</summary>
    public RouteAccount Account { get; }

    /// <inheritdoc/>
    public void Dispose() => snapshot.Unwatch(Account, watcher);
}
