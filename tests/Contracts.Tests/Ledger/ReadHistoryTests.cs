using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Wakegate.Contracts.Ledger;

namespace Wakegate.Contracts.Tests.Ledger;

/// <summary>When a ledger is trusted. The lease is 10 s, the longest staleness 15 s.</summary>
public class ReadHistoryTests
{
    private readonly FakeTimeProvider time = new();
    private readonly RedisClock clock;
    private readonly ReadHistory history;

    public ReadHistoryTests()
    {
        clock = new RedisClock(time);
        history = new ReadHistory(Options.Create(new LedgerOptions()), time, clock);
        time.Advance(TimeSpan.FromHours(1));
    }

    private LedgerDoubt Doubt => history.Trust.Doubt;

    [Fact]
    public void NothingReadYet_IsDoubted()
    {
        Assert.Equal(LedgerDoubt.NeverRead, Doubt);
        Assert.Null(history.Age);
    }

    [Fact]
    public void OldIdentityAndAnInterceptor_IsTrustedAtOnce()
    {
        Read(identitySet: 0, interceptors: 1);

        Assert.True(history.Trust.Trusted);
    }

    [Fact]
    public void NoAnswerForLong_IsDoubted()
    {
        Read(identitySet: 0, interceptors: 1);
        time.Advance(TimeSpan.FromSeconds(15));
        var just = Doubt;
        time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal((LedgerDoubt.None, LedgerDoubt.Stale), (just, Doubt));
        Assert.Contains("for 15 s", history.Trust.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void NewIdentity_IsDoubtedForALease()
    {
        Read(identitySet: 0, interceptors: 1);
        var emptied = clock.Now;
        Read(emptied, interceptors: 1, "other");
        var first = Doubt;
        ReadFor(TimeSpan.FromSeconds(9), emptied, "other");
        var later = Doubt;
        ReadFor(TimeSpan.FromSeconds(1), emptied, "other");

        Assert.Equal((LedgerDoubt.NewIdentity, LedgerDoubt.NewIdentity, LedgerDoubt.None), (first, later, Doubt));
    }

    [Fact]
    public void IdentityFromTheFuture_IsDoubtedForALeaseAndNotForEver()
    {
        var future = clock.Now + (long)TimeSpan.FromDays(1).TotalMilliseconds;
        Read(future, interceptors: 1);
        var first = Doubt;
        ReadFor(TimeSpan.FromSeconds(10), future);

        Assert.Equal((LedgerDoubt.NewIdentity, LedgerDoubt.None), (first, Doubt));
    }

    [Fact]
    public void GapInWhichLeasesMayHaveEnded_IsDoubtedForALease()
    {
        Read(identitySet: 0, interceptors: 2);
        time.Advance(TimeSpan.FromSeconds(9));
        Read(identitySet: 0, interceptors: 1);
        var first = Doubt;
        ReadFor(TimeSpan.FromSeconds(10), 0);

        Assert.Equal((LedgerDoubt.Returned, LedgerDoubt.None), (first, Doubt));
    }

    [Fact]
    public void NoInterceptor_IsDoubtedForTenMinutes()
    {
        Read(identitySet: 0, interceptors: 1);
        Read(identitySet: 0, interceptors: 0);
        var first = Doubt;
        ReadFor(TimeSpan.FromSeconds(599), 0, interceptors: 0);
        var (last, warned) = (Doubt, history.TakeAbandoned());
        ReadFor(TimeSpan.FromSeconds(1), 0, interceptors: 0);

        Assert.Equal((LedgerDoubt.NoInterceptor, LedgerDoubt.NoInterceptor, LedgerDoubt.None), (first, last, Doubt));
        Assert.Equal((false, true, false), (warned, history.TakeAbandoned(), history.TakeAbandoned()));
    }

    [Fact]
    public void InterceptorOfANewerFormat_IsDoubted()
    {
        history.Add(new("identity", 0, [Replica(1), Replica(2)]), () => true);

        Assert.Equal(LedgerDoubt.NewerFormat, Doubt);
    }

    [Fact]
    public void DoubtIsKnownBeforeWhatItIsAbout_AndTrustAfter()
    {
        Read(identitySet: 0, interceptors: 1);

        var doubt = history.Add(new("identity", 0, []), () => Doubt);
        var trust = history.Add(new("identity", 0, [Replica(1)]), () => Doubt);

        Assert.Equal((LedgerDoubt.NoInterceptor, LedgerDoubt.NoInterceptor, LedgerDoubt.None), (doubt, trust, Doubt));
    }

    private void ReadFor(TimeSpan time, long identitySet, string identity = "identity", int interceptors = 1)
    {
        for (var second = 0; second < time.TotalSeconds; second++)
        {
            this.time.Advance(TimeSpan.FromSeconds(1));
            Read(identitySet, interceptors, identity);
        }
    }

    private void Read(long identitySet, int interceptors, string identity = "identity") =>
        history.Add(new(identity, identitySet, [.. Enumerable.Repeat(Replica(1), interceptors)]), () => true);

    private static ReplicaImage Replica(long version) => new("a", new(version, 0, 1, 10_000, 0), 0, []);
}
