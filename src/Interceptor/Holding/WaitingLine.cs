namespace Wakegate.Interceptor.Holding;

/// <summary>The held requests of a route, in order of arrival: an intrusive list, so that leaving from the middle costs nothing. Not thread-safe.</summary>
internal sealed class WaitingLine
{
    private Waiter? last;

    // Behind whom the search for the next that comes back begins: mostly the one that came back before, for those of a pod that refuses come in about their order.
    private Waiter? returned;

    public Waiter? First { get; private set; }

    public int Count { get; private set; }

    /// <summary>
    /// Behind all that arrived when it did or before; one that comes back goes before those that arrived when it did. Mostly that is the end: but a thread
    /// that the machine stops on its way here, for 10 ms, is overtaken by a thousand requests.
    /// </summary>
    public void Add(Waiter waiter, bool back)
    {
        Link(waiter, back ? LastBefore(waiter.Place) : LastUntil(waiter.Place));
        if (back)
        {
            returned = waiter;
        }
    }

    public void Remove(Waiter waiter)
    {
        if (returned == waiter)
        {
            returned = waiter.Previous;
        }

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

    private Waiter? LastBefore(long place)
    {
        var before = returned;
        while (before is not null && before.Place >= place)
        {
            before = before.Previous;
        }

        for (var next = before is null ? First : before.Next; next is not null && next.Place < place; next = next.Next)
        {
            before = next;
        }

        return before;
    }

    private Waiter? LastUntil(long place)
    {
        var at = last;
        while (at is not null && at.Place > place)
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
