namespace Wakegate.Interceptor.Watching;

/// <summary>Lets a burst pass and then so many a second: a cluster full of errors must not keep its API server busy with our Events.</summary>
internal sealed class WritePace(TimeProvider clock)
{
    private const int Burst = 100;
    private static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(100);

    private readonly long started = clock.GetTimestamp();
    private TimeSpan next = -Apart * Burst;

    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetElapsedTime(started);
        if (next > now)
        {
            await Task.Delay(next - now, clock, cancellationToken);
        }

        var earliest = now - (Apart * Burst);
        next = (next > earliest ? next : earliest) + Apart;
    }
}
