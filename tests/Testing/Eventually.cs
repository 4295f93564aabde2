using System.Runtime.CompilerServices;

namespace Wakegate.Testing;

/// <summary>Waits for what another thread or process will have done soon, where it gives no signal to wait on.</summary>
public static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>Returns once the condition holds.</summary>
    /// <exception cref="TimeoutException">It did not hold in time; the message is the condition.</exception>
    public static Task TrueAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        TrueAsync(() => Task.FromResult(condition()), what);

    /// <inheritdoc cref="TrueAsync(Func{bool}, string)"/>
    public static async Task TrueAsync(Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        var clock = TimeProvider.System;
        for (var started = clock.GetTimestamp(); !await condition();)
        {
            if (clock.GetElapsedTime(started) > Patience)
            {
                throw new TimeoutException($"Not within {Patience}: {what}");
            }

            await Task.Delay(Pause, clock);
        }
    }
}
