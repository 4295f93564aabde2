namespace Wakegate.Interceptor.Holding;

/// <summary>The held requests of a route, in order of arrival: an intrusive list, so that leaving from the middle costs nothing. Not thread-safe.</summary>
internal sealed class WaitingLine
{
    private Waiter? last;

    public Waiter? First { get; private set; }

    public int Count { get; private set; }

    /// <summary>
    /// Behind all that arrived when it did or before; one that comes back goes before those that arrived when it did. Mostly that is the end: but a thread
    /// that the machine stops on its way here, for 10 ms, is overtaken by a thousand requests.
    /// </summary>
    public void Add(Waiter waiter, bool back) => Link(waiter, back ? LastBefore(waiter.Arrived) : LastUntil(waiter.Arrived));

    public void Remove(Waiter waiter)
    {
        if (waiter.Previous is null)
        {
            First = waiter.Next;
        }
        else
        {
            waiter.Previous.Next = waiter.Next;
        }

        if (waiter.Next is null)
        {
            last = waiter.Previous;
        }
        else
        {
            waiter.Next.Previous = waiter.Previous;
        }

        waiter.Previous = waiter.Next = null;
        waiter.Queued = false;
        Count--;
    }

    // From the front: what comes back has waited.
    private Waiter? LastBefore(long arrived)
    {
        Waiter? before = null;
        for (var at = First; at is not null && at.Arrived < arrived; at = at.Next)
        {
            before = at;
        }

        return before;
    }

    private Waiter? LastUntil(long arrived)
    {
        var at = last;
        while (at is not null && at.Arrived > arrived)
        {
            at = at.Previous;
        }

        return at;
    }

    private void Link(Waiter waiter, Waiter? before)
    {
        waiter.Previous = before;
        waiter.Next = before is null ? First : before.Next;
        if (waiter.Next is null)
        {
            last = waiter;
        }
        else
        {
            waiter.Next.Previous = waiter;
        }

        if (before is null)
        {
            First = waiter;
        }
        else
        {
            before.Next = waiter;
        }

        waiter.Queued = true;
        Count++;
    }
}
