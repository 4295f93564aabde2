using Microsoft.Extensions.Options;

namespace Wakegate.Contracts.Ledger;

/// <summary>What the full reads so far say about the ledger as a whole: how fresh, whose, and whether anybody writes to it.</summary>
internal sealed class ReadHistory(IOptions<LedgerOptions> options, TimeProvider clock, RedisClock redisClock)
{
    // An uninstall must not freeze replicas for ever.
    private static readonly TimeSpan AbandonedAfter = TimeSpan.FromMinutes(10);

    private volatile State? state;
    private bool abandoned;

    public TimeSpan? Age => state is { } last ? clock.GetElapsedTime(last.Read) : null;

    public LedgerTrust Trust => TrustOf(state);

    /// <summary>
    /// Merges a full read. Doubt is known before what it is about can be seen, and trust only after: nobody who asks before and after they
    /// look is misled.
    /// </summary>
    public T Add<T>(LedgerImage image, Func<T> merge)
    {
        var next = Next(image);
        if (!TrustOf(next).Trusted)
            state = next;

        var merged = merge();
        state = next;
        return merged;
    }

    /// <summary>True once when the ledger has been without interceptors for so long that it is taken at its word.</summary>
    public bool TakeAbandoned()
    {
        var was = abandoned;
        abandoned = state?.EmptySince is not null && Trust.Trusted;
        return abandoned && !was;
    }

    private LedgerTrust TrustOf(State? read)
    {
        if (read is not { } last)
            return new(LedgerDoubt.NeverRead, TimeSpan.Zero);

        var age = clock.GetElapsedTime(last.Read);
        var empty = last.EmptySince is { } since ? clock.GetElapsedTime(since) : TimeSpan.Zero;
        var doubt = last switch
        {
            _ when age > options.Value.MaxStaleness => LedgerDoubt.Stale,
            { NewerFormat: true } => LedgerDoubt.NewerFormat,
            { Resumed: { } resumed } when clock.GetElapsedTime(resumed) < last.Lease => LedgerDoubt.Returned,
            _ when !IsSettled(last) => LedgerDoubt.NewIdentity,
            { EmptySince: not null } when empty < AbandonedAfter => LedgerDoubt.NoInterceptor,
            _ => LedgerDoubt.None,
        };
        return new(doubt, doubt == LedgerDoubt.Stale ? age : empty);
    }

    /// <summary>
    /// After a gap in which leases may have ended unrenewed, an interceptor that is missing is not gone: it may only be slower to come back
    /// than we are.
    /// </summary>
    private State Next(LedgerImage image)
    {
        var now = clock.GetTimestamp();
        var previous = Age <= options.Value.MaxStaleness ? state : null;
        var lease = image.Replicas.Select(replica => TimeSpan.FromMilliseconds(replica.Header.Lease)).Append(options.Value.Lease).Max();
        return new(
            now,
            image.Identity,
            image.IdentitySet,
            Resumed: Age > options.Value.Lease - options.Value.Heartbeat ? now : state?.Resumed,
            FirstSeen: state?.Identity == image.Identity ? state.FirstSeen : now,
            lease,
            EmptySince: image.Replicas.Count > 0 ? null : previous?.EmptySince ?? now,
            NewerFormat: image.Replicas.Any(replica => !replica.Header.Readable));
    }

    // By Redis's clock, so that a scaler that has just started need not wait; or by ours, should Redis's have been set back.
    private bool IsSettled(State last) =>
        redisClock.Now - last.IdentitySet >= last.Lease.TotalMilliseconds || clock.GetElapsedTime(last.FirstSeen) >= last.Lease;

    private sealed record State(
        long Read, string Identity, long IdentitySet, long? Resumed, long FirstSeen, TimeSpan Lease, long? EmptySince, bool NewerFormat);
}
