using Microsoft.Extensions.Options;

namespace Wakegate.Interceptor.Holding;

/// <summary>
/// What the whole interceptor may hold, in requests and in bytes that their bodies and large heads may take, shared among routes by dynamic thresholds (Choudhury and
/// Hahne, 1998): a route may hold a few times what is still free. One route that floods gets most of it and leaves a part for others,
/// several get equal parts, and nobody has to say in advance how many there are.
/// </summary>
internal sealed class HoldBudget(IOptions<HoldSettings> settings)
{
    /// <summary>How many times what is free one route may hold: alone it gets 4/5 of the budget, of two each gets 4/9.</summary>
    private const int Share = 4;

    private readonly int maxRequests = settings.Value.MaxRequests;
    private readonly long maxBytes = settings.Value.MaxBytes;
    private int requests;
    private long bytes;

    /// <summary>Requests held now, of all routes.</summary>
    public int Requests => Volatile.Read(ref requests);

    /// <summary>Bytes of their bodies and large heads that are, or may come to be, in memory.</summary>
    public long Bytes => Interlocked.Read(ref bytes);

    /// <summary>Takes a place and its bytes, which <see cref="Leave"/> gives back; false where the route may have no more.</summary>
    /// <param name="routeRequests">Requests that the route holds already.</param>
    /// <param name="routeBytes">Bytes that they take.</param>
    /// <param name="size">Bytes of this one: with none, only the number of requests counts.</param>
    public bool TryEnter(int routeRequests, long routeBytes, long size)
    {
        // Takes first and looks then, so that routes that enter at once cannot have the same place.
        var (left, leftBytes) = (maxRequests - Interlocked.Increment(ref requests), maxBytes - Interlocked.Add(ref bytes, size));
        if (routeRequests < Share * (left + 1L) && (size == 0 || routeBytes + size <= Share * leftBytes))
        {
            return true;
        }

        Leave(size);
        return false;
    }

    /// <summary>Takes a place in any case: for a request that comes back and was let in before.</summary>
    public void Enter(long size)
    {
        Interlocked.Increment(ref requests);
        Interlocked.Add(ref bytes, size);
    }

    public void Leave(long size)
    {
        Interlocked.Decrement(ref requests);
        Interlocked.Add(ref bytes, -size);
    }

    /// <summary>A held request turned out to take so many bytes less.</summary>
    public void Shrink(long difference) => Interlocked.Add(ref bytes, -difference);
}
