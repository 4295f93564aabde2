using Microsoft.Extensions.Time.Testing;
using Wakegate.ExternalScaler.Pushing;

namespace Wakegate.ExternalScaler.Tests;

public class RepeatPaceTests
{
    [Fact]
    public void ManyWhoAskAtOnce_GetFourTurnsASecondInOrder()
    {
        var clock = new FakeTimeProvider();
        var pace = new RepeatPace(clock);

        var turns = Enumerable.Range(0, 9).Select(_ => pace.Reserve().TotalMilliseconds).ToList();
        clock.Advance(TimeSpan.FromSeconds(1));
        var later = pace.Reserve().TotalMilliseconds;
        clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal([0, 250, 500, 750, 1000, 1250, 1500, 1750, 2000], turns);
        Assert.Equal(1250, later);
        Assert.Equal(TimeSpan.Zero, pace.Reserve());
    }
}
