namespace Wakegate.Interceptor.Holding;

/// <summary>The held requests of a route, in order of arrival: an intrusive list, so that leaving from the middle costs nothing. Not thread-safe.</summary>
internal sealed class WaitingLine
{
    private Waiter? last;

    public Waiter? First { get; private set; }

    public int Count { get; private set; }

    /// <summary>To the end; one that comes back goes before all that arrived when it did or later.</summary>
    public void Add(Waiter waiter, bool back)
    {
        var before = last;
        if (back)
        {
            before = null;
            for (var at = First; at is not null && at.Arrived < waiter.Arrived; at = at.Next)
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
