using Wakegate.Contracts.Ledger;
using Wakegate.Interceptor.Routing;

namespace Wakegate.Interceptor.Page;

/// <summary>
/// Pending requests of all interceptors, from the ledger, which is read only while somebody looks; where that cannot be had, this interceptor's
/// own. Used by the feed's loop alone.
/// </summary>
internal sealed class PendingEverywhere(LedgerGlimpse ledger, LedgerWriter own)
{
    private Dictionary<string, int> busy = [];

    /// <summary>Whether the counts are those of all interceptors.</summary>
    public bool Shared { get; private set; }

    /// <summary>Interceptors that report; as last known while Redis is away.</summary>
    public int Interceptors => own.Replicas.Count;

    /// <summary>This interceptor in the ledger.</summary>
    public string Self => own.ReplicaId;

    /// <summary>What is wrong with the counts, in a sentence; null where nothing is.</summary>
    public string? Doubt { get; private set; }

    /// <summary>Takes over what the ledger says now.</summary>
    public void Look()
    {
        var reader = ledger.Look();
        var doubt = reader?.Trust.Doubt ?? LedgerDoubt.NeverRead;
        Shared = own.Connected && doubt is not (LedgerDoubt.NeverRead or LedgerDoubt.Stale);
        busy = Shared ? reader!.Busy.ToDictionary(r => r.Route, r => r.Pending, StringComparer.Ordinal) : [];
        Doubt = (own.Connected, doubt) switch
        {
            (false, _) or (_, LedgerDoubt.Stale) =>
                "Redis cannot be reached: counts of other replicas are not known. Pending requests shown here are this replica's own, and they are not counted for scaling.",
            (_, LedgerDoubt.NewIdentity or LedgerDoubt.Returned) =>
                "Redis was away or emptied a moment ago: until every replica has reported again, counts may be too low.",
            (_, LedgerDoubt.NewerFormat) => "An interceptor of a newer version reports in a way that this one cannot read: counts may be too low.",
            _ => null,
        };
    }

    /// <summary>What is pending for a route. The ledger is a moment behind, so it never takes away what is seen here.</summary>
    /// <param name="route">The route.</param>
    /// <param name="id">Its id as text.</param>
    public int Of(Route route, string id) => Math.Max(route.Counts.Pending, busy.GetValueOrDefault(id));
}
