using System.Globalization;

namespace Wakegate.Local.Api;

/// <summary>WATCH: one JSON event a line, until the client leaves, its time is up, it falls too far behind, or the server stops.</summary>
internal sealed class WatchStream(Store store, ApiFaults faults, TimeProvider clock, IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan BookmarkEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestWatch = TimeSpan.FromMinutes(30);

    public async Task AnswerAsync(HttpContext context, ResourcePath path, Selector selector)
    {
        var query = context.Request.Query;
        var version = query["resourceVersion"].ToString();
        if (!long.TryParse(version.Length == 0 ? "0" : version, CultureInfo.InvariantCulture, out var from))
        {
            await Answers.WriteAsync(context, Failure.BadRequest($"invalid resource version \"{version}\""));
            return;
        }

        // No version: whatever there is first, then what follows. The snapshot's version ties the two together without a gap.
        var snapshot = store.Current;
        if (!store.Subscribe(path.Kind, path.Namespace, from == 0 ? snapshot.Version : from).Succeeded(out var watcher, out var refusal))
        {
            await RefuseAsync(context, refusal);
            return;
        }

        try
        {
            var dropped = faults.WatchesDropped;
            using var timeout = new CancellationTokenSource(Timeout(query["timeoutSeconds"]), clock);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(
                context.RequestAborted, timeout.Token, lifetime.ApplicationStopping, dropped);
            await using var bookmarks = query["allowWatchBookmarks"] == "true"
                ? clock.CreateTimer(_ => store.Mark(watcher), null, BookmarkEvery, BookmarkEvery)
                : null;
            var existing = from == 0
                ? snapshot.List(path.Kind, path.Namespace).Select(stored => new StoreEvent(null, stored, Removed: false))
                : [];
            await FollowAsync(context, watcher, existing, new WatchEvents(context.Request, path.Kind, selector, clock), stop.Token);
            if (dropped.IsCancellationRequested)
                context.Abort();
        }
        finally
        {
            store.Unsubscribe(watcher);
        }
    }

    private async Task FollowAsync(
        HttpContext context, Watcher watcher, IEnumerable<StoreEvent> existing, WatchEvents events, CancellationToken stop)
    {
        context.Response.ContentType = "application/json";
        var body = context.Response.BodyWriter;
        try
        {
            foreach (var notice in existing.Concat(watcher.Missed))
                events.Write(body, notice);
            // Also with nothing to tell: the client learns from the headers that its watch is on.
            await body.FlushAsync(stop);
            await foreach (var notice in watcher.Notices.ReadAllAsync(stop))
            {
                await faults.PassAsync(stop);
                events.Write(body, notice);
                if (!watcher.Notices.TryPeek(out _))
                    await body.FlushAsync(stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // However it ends, the client sees a stream that is over and watches again from where it is.
        }
    }

    // The real API server says it inside the stream; a proxy or an older server by the status. Clients must take both.
    private async Task RefuseAsync(HttpContext context, Failure refusal)
    {
        if (faults.GoneAsStatus)
        {
            await Answers.WriteAsync(context, refusal);
            return;
        }

        context.Response.ContentType = "application/json";
        WatchEvents.Write(context.Response.BodyWriter, "ERROR", refusal.ToStatus());
    }

    private static TimeSpan Timeout(string? seconds) =>
        int.TryParse(seconds, CultureInfo.InvariantCulture, out var wanted) && wanted > 0 ? TimeSpan.FromSeconds(wanted) : LongestWatch;
}
