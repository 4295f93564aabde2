using Wakegate.Interceptor.Watching;

namespace Wakegate.Interceptor.Page;

/// <summary>Routes that open pages look at closely: each is told again when anything of it has changed. Used by the feed's loop alone.</summary>
internal sealed class RouteViews(Overview overview, ScaledObjectEvents events, PendingEverywhere pending, TrafficHistory history, TimeProvider clock)
{
    private static readonly byte[] Gone = "event: gone\ndata: {}\n\n"u8.ToArray();

    private readonly Dictionary<string, byte[]> told = new(StringComparer.Ordinal);

    /// <summary>Tells one route to all who look at it.</summary>
    public void Tell(string id, IReadOnlyList<Viewer> viewers)
    {
        var frame = overview.Find(id) is { } shown ? PageFrame.Of("route", Of(shown), PageJson.Default.RouteView) : Gone;
        var changed = !frame.AsSpan().SequenceEqual(told.GetValueOrDefault(id));
        told[id] = frame;
        foreach (var viewer in viewers.Where(v => v.UpToDate ? changed : v.Idle))
        {
            viewer.Tell(frame);
        }
    }

    /// <summary>What was told to those who have left.</summary>
    public void Forget(IReadOnlyList<Viewer> left)
    {
        foreach (var id in told.Keys.Where(id => left.All(v => v.Route != id)))
        {
            told.Remove(id);
        }
    }

    private RouteView Of(ShownRoute shown)
    {
        var route = shown.Route;
        return new()
        {
            Row = shown.Row,
            Shared = pending.Shared,
            Refusal = route.Refusal,
            Problems = [.. events.Lasting(shown.ScaledObject).Select(p => new RouteProblem(p.Reason, p.Message))],
            Obstacle = route.Queue.Obstacle,
            QueueWaking = route.Counts.Waking,
            QueueQueued = route.Counts.Queued,
            OldestAge = Math.Round(route.Queue.OldestAge.TotalSeconds, 1),
            MaxHeld = route.Spec.MaxHeldRequests,
            ZeroSeconds = (long)route.AtZero.Total.TotalSeconds / 10 * 10,
            Requests = route.Counts.Requests,
            Errors = route.Tally.Errors,
            Pods = [.. route.Pods.All.OrderBy(p => p.Address.Name, StringComparer.Ordinal).Select(p => new PodRow(p.Address.Name, p.Address.EndPoint.ToString(), p.InFlight, !p.Usable))],
            Waking = route.Wakes.Current is { } wake ? WakeView.Of(wake, clock) : null,
            Wakes = [.. route.Wakes.Recent.Select(w => WakeView.Of(w, clock))],
            Trigger = route.Refusal is null ? [.. TriggerTable.Of(route.Spec)] : [],
            HistoryAt = history.At.ToUnixTimeMilliseconds(),
            History = history.Of(route) is { Recent: true } traffic ? History.Of(shown.Id, traffic) : null,
        };
    }
}
