using Microsoft.Extensions.Time.Testing;

namespace Wakegate.Upstream.Tests;

internal static class AdvancingClock
{
    /// <summary>
    /// Moves the clock on until <paramref name="until"/> is done. In steps, because a timer that is created after a step counts from there;
    /// the test's own time-out bounds it.
    /// </summary>
    public static async Task AdvanceUntilAsync(this FakeTimeProvider clock, Task until, TimeSpan step)
    {
        while (!until.IsCompleted)
        {
            clock.Advance(step);
            await Task.WhenAny(until, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken));
        }
    }
}
