using Wakegate.Local.Pods;

namespace Wakegate.Local.Tests.Pods;

public sealed class RestartDelayTests
{
    [Fact]
    public void CrashAfterCrash_DoublesUpToAMinute()
    {
        var delay = new RestartDelay();

        var seconds = Enumerable.Range(0, 8).Select(_ => delay.After(TimeSpan.FromSeconds(1)).TotalSeconds);

        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60], seconds);
    }

    [Fact]
    public void ALongRun_BeginsAnew()
    {
        var delay = new RestartDelay();
        delay.After(TimeSpan.Zero);
        delay.After(TimeSpan.Zero);

        Assert.Equal(TimeSpan.FromSeconds(1), delay.After(TimeSpan.FromMinutes(10)));
        Assert.Equal(TimeSpan.FromSeconds(2), delay.After(TimeSpan.Zero));
    }
}
