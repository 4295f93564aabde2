using System.Runtime.InteropServices;

namespace Wakegate.Contracts.Ledger;

/// <summary>Why a ledger that shows nothing may still not mean that nothing is pending.</summary>
public enum LedgerDoubt
{
    /// <summary>There is no doubt.</summary>
    None,

    /// <summary>Redis has not answered since this process started.</summary>
    NeverRead,

    /// <summary>Redis has not answered for longer than <see cref="LedgerOptions.MaxStaleness"/>.</summary>
    Stale,

    /// <summary>Redis was flushed, restarted empty or replaced, and not every interceptor has yet had the time to write again.</summary>
    NewIdentity,

    /// <summary>Redis was away for so long that leases may have ended, and not every interceptor has yet had the time to write again.</summary>
    Returned,

    /// <summary>No interceptor holds a lease.</summary>
    NoInterceptor,

    /// <summary>An interceptor writes a format that this version cannot read.</summary>
    NewerFormat,
}

/// <summary>Whether a zero of the ledger is a zero. Doubt forbids zeros and sums; what shows a pending request is true all the same.</summary>
/// <param name="Doubt">Why not.</param>
/// <param name="For">How long that has been so, where it matters.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct LedgerTrust(LedgerDoubt Doubt, TimeSpan For)
{
    /// <summary>Whether it is.</summary>
    public bool Trusted => Doubt == LedgerDoubt.None;

    /// <summary>A sentence for whoever runs the platform.</summary>
    public override string ToString() => Doubt switch
    {
        LedgerDoubt.None => "The counts are complete.",
        LedgerDoubt.NeverRead => "Redis has not answered since the scaler started: check Redis:ConnectionString and that Redis runs.",
        LedgerDoubt.Stale => FormattableString.Invariant($"Redis has not answered for {For.TotalSeconds:0} s: check that it runs and can be reached."),
        LedgerDoubt.NewIdentity => "Redis was emptied or replaced a moment ago: waiting until every interceptor has reported again.",
        LedgerDoubt.Returned => "Redis answers again since a moment ago: waiting until every interceptor has reported again.",
        LedgerDoubt.NoInterceptor => FormattableString.Invariant($"No interceptor has reported for {For.TotalSeconds:0} s: check that interceptors run and reach the same Redis."),
        _ => "An interceptor of a newer version reports in a format that this scaler cannot read: upgrade the scaler.",
    };
}
