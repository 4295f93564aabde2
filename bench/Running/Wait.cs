namespace Wakegate.Bench.Running;

/// <summary>Waits for what another process does.</summary>
internal static class Wait
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(10);

    /// <exception cref="BenchException">It did not come to that within two minutes.</exception>
    public static async Task UntilAsync(Func<ValueTask<bool>> reached, string what, CancellationToken cancellation)
    {
        var clock = TimeProvider.System;
        var started = clock.GetTimestamp();
        while (!await reached())
        {
            if (clock.GetElapsedTime(started) > Patience)
                throw new BenchException($"Waited two minutes for {what}.");
            await Task.Delay(Beat, clock, cancellation);
        }
    }

    /// <summary>Lets things come to rest.</summary>
    public static Task SettleAsync(TimeSpan time, CancellationToken cancellation) => Task.Delay(time, TimeProvider.System, cancellation);
}
