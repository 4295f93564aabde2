namespace Wakegate.Upstream.Http;

/// <summary>Numbers the requests that this pod answers.</summary>
internal sealed class Tally
{
    private long last;

    public long Next() => Interlocked.Increment(ref last);
}
