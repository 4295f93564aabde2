using Grpc.Core;
using Wakegate.Contracts.Ledger;
using Wakegate.ExternalScaler.Answering;
using Wakegate.ExternalScaler.Protocol;

namespace Wakegate.ExternalScaler.Pushing;

/// <summary>
/// Pushes <c>true</c> to a stream of KEDA's: as it opens on an active route, in its turn unless a request waits for a pod; when the route becomes
/// active; when a request begins to wait for a pod, and from then on again every few seconds, until none waits.
/// </summary>
internal sealed class ActivityPush(LedgerReader ledger, RepeatPace pace, ScalerMetrics metrics, TimeProvider clock)
{
    private static readonly TimeSpan RepeatAfter = TimeSpan.FromSeconds(5);

    // Becoming active and beginning to wait are mostly one event in two messages, and KEDA pays for each true.
    private static readonly TimeSpan Gap = TimeSpan.FromSeconds(1);

    private static readonly IsActiveResponse Active = new() { Result = true };

    // When a scaler was replaced all streams open at once, and few of their routes need to be told. A line of their own: repeats are for routes that do.
    private readonly RepeatPace openings = new(clock);

    /// <summary>Returns, without an exception, when the stream is to end: its client left, or we stop.</summary>
    /// <param name="route">What it is about.</param>
    /// <param name="stream">Told when that is active.</param>
    /// <param name="taken">Called once no edge can be missed any more.</param>
    /// <param name="stop">Ends it.</param>
    public async Task RunAsync(ScaledRoute route, IAsyncStreamWriter<IsActiveResponse> stream, Func<Task> taken, CancellationToken stop)
    {
        var window = route.Scaling.ActivityWindow;
        var signal = new RouteSignal(window, clock);
        using var watch = ledger.Watch(route.Id, signal.Notice);
        try
        {
            // Watched before it is asked, so that no edge falls between.
            var active = watch.Account.IsActive(window);
            await taken();
            var first = active ? await FirstAsync(signal, watch.Account, window, stop) : null;
            var told = first is { } opening ? await PushAsync(route, stream, opening, watch.Account, stop) : clock.GetTimestamp();
            while (!stop.IsCancellationRequested)
            {
                var next = await NextAsync(told, signal, watch.Account, window, stop);
                told = await PushAsync(route, stream, next, watch.Account, stop);
            }
        }
        catch (Exception left) when (stop.IsCancellationRequested && left is OperationCanceledException or IOException or InvalidOperationException)
        {
            // A write that came too late.
        }
    }

    // What is told first on a route that was active as the stream opened; nothing where it no longer is when it is its turn.
    private async Task<Push?> FirstAsync(RouteSignal signal, RouteAccount account, TimeSpan window, CancellationToken stop)
    {
        using var turn = new RepeatTurn(openings);
        var edge = default(Push?);
        while (account.IsActive(window) && !stop.IsCancellationRequested)
        {
            if (edge is not null)
                return edge;
            if (account.Waking > 0 || turn.TryTake(out var wait))
                return new(PushCause.Open);

            edge = await signal.WaitAsync(wait, stop);
        }

        return null;
    }

    // What is next to be told since something was told last.
    private async Task<Push> NextAsync(long told, RouteSignal signal, RouteAccount account, TimeSpan window, CancellationToken stop)
    {
        var due = RepeatAfter;
        using var turn = new RepeatTurn(pace);
        while (!stop.IsCancellationRequested)
        {
            var left = due - clock.GetElapsedTime(told);
            var patience = account.Waking == 0 ? Timeout.InfiniteTimeSpan : left > TimeSpan.Zero ? left : TimeSpan.Zero;
            var edge = await signal.WaitAsync(patience, stop);
            if (edge?.Cause == PushCause.Waking && clock.GetElapsedTime(told) < Gap)
                due = Gap;
            else if (edge is { } push && account.IsActive(window)) // the first read of a ledger also finds what was long ago
                return push;
            else if (account.Waking == 0)
                turn.Leave();
            else if (turn.TryTake(out var wait))
                return new(PushCause.Repeat);
            else
                due = clock.GetElapsedTime(told) + wait;
        }

        throw new OperationCanceledException(stop);
    }

    // Says when that was: taken before it is counted, since who sees it counted may act on it at once.
    private async Task<long> PushAsync(ScaledRoute route, IAsyncStreamWriter<IsActiveResponse> stream, Push push, RouteAccount account, CancellationToken stop)
    {
        using var span = ScalerSpans.Push(route.Id, push.Cause);
        await stream.WriteAsync(Active, stop);
        var told = clock.GetTimestamp();
        metrics.Pushed(push.Cause, push.Edge is { } edge ? account.Since(edge) : null);
        return told;
    }
}
