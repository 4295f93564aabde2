namespace Wakegate.Interceptor.Holding;

/// <summary>The held requests of a route, in order of arrival: an intrusive list, so that leaving from the middle costs nothing. Not thread-safe.</summary>
internal sealed class WaitingLine
{
    private Waiter? last;

    public Waiter? First { get; private set; }

    public int Count { get; private set; }

    /// <summary>Behind all that arrived before it. New requests go to the end; one that comes back goes to the head.</summary>
    public void Add(Waiter waiter)
    {
        var before = last;
        if (before is not null && before.Arrived > waiter.Arrived)
        {
            before = null;
            for (var at = First; at is not null && at.Arrived <= waiter.Arrived; at = at.Next)
            {
                before = at;
            }
        }

        Link(waiter, before);
    }

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
