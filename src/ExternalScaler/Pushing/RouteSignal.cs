using System.Threading.Channels;
using Wakegate.Contracts.Ledger;

namespace Wakegate.ExternalScaler.Pushing;

/// <summary>Carries a route's edges from the thread that brings them to the stream that tells KEDA. Edges that wait are one.</summary>
internal sealed class RouteSignal(TimeSpan activityWindow, TimeProvider clock)
{
    private readonly Channel<Push> edges =
        Channel.CreateBounded<Push>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private Task<bool>? arriving;

    /// <summary>Called by the ledger. A route that paused for less than its window has been active all the time.</summary>
    public void Notice(RouteEdge edge)
    {
        if (edge.Quiet >= activityWindow)
            edges.Writer.TryWrite(new(PushCause.Active, edge));
        else if (edge.Waking)
            edges.Writer.TryWrite(new(PushCause.Waking, edge));
    }

    /// <summary>The next edge; null where none comes in time, or the stream is to end.</summary>
    public async Task<Push?> WaitAsync(TimeSpan patience, CancellationToken stop)
    {
        // A wait that ran out of time goes on in the next one: a second reader would take edges from the first.
        Task arrival = arriving ??= edges.Reader.WaitToReadAsync(CancellationToken.None).AsTask();
        await arrival.WaitAsync(patience, clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!arrival.IsCompleted)
            return null;

        arriving = null;
        return edges.Reader.TryRead(out var push) ? push : null;
    }
}
