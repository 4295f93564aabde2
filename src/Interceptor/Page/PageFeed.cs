namespace Wakegate.Interceptor.Page;

/// <summary>
/// The one loop that looks at routes for all open pages, a few times a second: what it finds is put into words once, however many read it.
/// While no page is open it only notes the traffic of the last minutes.
/// </summary>
internal sealed partial class PageFeed(
    Viewers viewers, Overview overview, RouteViews views, TrafficHistory history, TimeProvider clock, ILogger<PageFeed> logger) : BackgroundService
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var beat = clock.CreateTimer(_ => viewers.Pulse(), null, Beat, Beat);
        try
        {
            while (true)
            {
                await viewers.PulsedAsync(stoppingToken);
                TryTell();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    /// <summary>Whatever is wrong with a page, traffic must not suffer: a service that fails would take the process with it.</summary>
    private void TryTell()
    {
        try
        {
            history.Sample();
            Tell(viewers.All);
        }
        catch (Exception bug)
        {
            LogFailed(bug);
        }
    }

    private void Tell(IReadOnlyList<Viewer> all)
    {
        if (all.Count == 0)
        {
            overview.Forget();
            return;
        }

        TellOverview(all.Where(v => v.Route is null));
        foreach (var same in all.Where(v => v.Route is not null).GroupBy(v => v.Route!, StringComparer.Ordinal))
        {
            views.Tell(same.Key, [.. same]);
        }

        views.Forget(all);
    }

    private void TellOverview(IEnumerable<Viewer> all)
    {
        // A change is of what all that are up to date have been told.
        var change = overview.Look() is { } news ? PageFrame.Of("change", news, PageJson.Default.OverviewChange) : null;
        byte[]? whole = null;
        foreach (var viewer in all)
        {
            if (!viewer.UpToDate && viewer.Idle)
            {
                viewer.Tell(whole ??= PageFrame.Of("whole", overview.Whole(), PageJson.Default.OverviewWhole));
            }
            else if (viewer.UpToDate && change is not null)
            {
                viewer.Tell(change);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The live page could not be told what changed. Requests are not affected.")]
    private partial void LogFailed(Exception bug);
}
