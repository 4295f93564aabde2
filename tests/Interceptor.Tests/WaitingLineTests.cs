using Microsoft.AspNetCore.Http;
using Wakegate.Interceptor.Holding;

namespace Wakegate.Interceptor.Tests;

public sealed class WaitingLineTests
{
    [Fact]
    public void RequestThatJoinsLate_HasThePlaceOfItsArrival()
    {
        var line = new WaitingLine();
        foreach (var (arrived, joined) in new[] { (10, 1), (30, 2), (30, 3), (20, 4), (5, 5), (30, 6), (20, 7) })
            line.Add(Arrived(arrived, joined), back: false);

        Assert.Equal([(5, 5), (10, 1), (20, 4), (20, 7), (30, 2), (30, 3), (30, 6)], Order(line));
    }

    [Fact]
    public void RequestThatComesBack_GoesBeforeThoseThatArrivedWhenItDid()
    {
        var line = new WaitingLine();
        foreach (var (arrived, joined) in new[] { (10, 1), (20, 2), (30, 3) })
            line.Add(Arrived(arrived, joined), back: false);

        line.Add(Arrived(20, 4), back: true);
        line.Add(Arrived(40, 5), back: true);
        line.Add(Arrived(1, 6), back: true);

        Assert.Equal([(1, 6), (10, 1), (20, 4), (20, 2), (30, 3), (40, 5)], Order(line));
    }

    [Fact]
    public void ComingsAndGoingsInAnyOrder_KeepItInOrder()
    {
        var random = new Random(1);
        var line = new WaitingLine();
        var held = new List<Waiter>();
        for (var step = 0; step < 5_000; step++)
        {
            if (held.Count > 0 && random.Next(3) == 0)
            {
                var leaving = held[random.Next(held.Count)];
                held.Remove(leaving);
                line.Remove(leaving);
            }
            else
            {
                held.Add(Arrived(random.Next(1_000), step));
                line.Add(held[^1], back: random.Next(2) == 0);
            }
        }

        var order = Order(line).Select(w => w.Arrived).ToList();
        Assert.Equal(held.Select(w => w.Arrived).Order(), order);
    }

    // The deadline tells them apart.
    private static Waiter Arrived(long arrived, long joined) => new(queue: null!, new DefaultHttpContext(), arrived, place: arrived, deadline: joined);

    private static IEnumerable<(long Arrived, long Joined)> Order(WaitingLine line)
    {
        for (var at = line.First; at is not null; at = at.Next)
            yield return (at.Arrived, at.Deadline);
    }
}
