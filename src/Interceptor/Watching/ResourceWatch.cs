using System.Net;
using System.Text.Json;

namespace Wakegate.Interceptor.Watching;

/// <summary>
/// Keeps up with one kind: lists, then watches from the list's version, resumes where a watch ended, lists again when that version is no
/// longer known (410), backs off on errors. While the API server is away, what was last known stays in force.
/// </summary>
internal sealed partial class ResourceWatch<T>(
    ResourceApi<T> api, Action<T> changed, Action<ObjectName> deleted, WatchMetrics metrics, TimeProvider clock, ILogger logger)
    where T : Resource
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly TaskCompletionSource listed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<ObjectName> known = [];
    private string? version;
    private bool failing;

    /// <summary>Completes when all objects have been read for the first time.</summary>
    public Task Listed => listed.Task;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        while (!cancellationToken.IsCancellationRequested)
        {
            var worked = await KeepUpAsync(cancellationToken);
            pause = worked ? FirstPause : TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
            if (!worked)
            {
                // Replicas that lost the same server must not come back in step.
                var jitter = 0.5 + Random.Shared.NextDouble();
                await Task.Delay(pause * jitter, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>One list (where needed) and one watch; false where it failed or brought nothing.</summary>
    private async Task<bool> KeepUpAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (version is null)
            {
                await ListAsync(cancellationToken);
            }

            return await WatchAsync(cancellationToken);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or JsonException
            || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            if (error is HttpRequestException { StatusCode: HttpStatusCode.Gone })
            {
                version = null;
            }

            Failed(error);
            return false;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        var (items, at) = await api.ListAsync(cancellationToken);
        var gone = known.ToHashSet();
        foreach (var item in items)
        {
            gone.Remove(item.Name);
            Set(item);
        }

        foreach (var name in gone)
        {
            Remove(name);
        }

        version = at;
        Working();
        listed.TrySetResult();
    }

    private async Task<bool> WatchAsync(CancellationToken cancellationToken)
    {
        var any = false;
        var started = clock.GetTimestamp();
        metrics.Started(api.Path);
        await foreach (var change in api.WatchAsync(version!, cancellationToken))
        {
            if (change.Type == "ERROR")
            {
                // Whatever the error, a fresh list is the way out; 410 is the ordinary one.
                version = null;
                return any;
            }

            any = true;
            Working();
            Apply(change);
        }

        // A quiet one that lasted is as good; one that ends at once must not be started again at once.
        return any || clock.GetElapsedTime(started) > FirstPause;
    }

    private void Apply(WatchEvent<T> change)
    {
        if (change.Object is not { } item)
        {
            return;
        }

        switch (change.Type)
        {
            case "ADDED" or "MODIFIED": Set(item); break;
            case "DELETED": Remove(item.Name); break;
            default: break;
        }

        version = item.Metadata.ResourceVersion;
    }

    private void Set(T item)
    {
        known.Add(item.Name);
        changed(item);
    }

    private void Remove(ObjectName name)
    {
        known.Remove(name);
        deleted(name);
    }

    private void Failed(Exception error)
    {
        metrics.Failed(api.Path);
        if (!failing)
        {
            failing = true;
            LogFailed(api.Path, error.Message);
        }
    }

    private void Working()
    {
        if (failing)
        {
            failing = false;
            LogWorking(api.Path);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cannot watch {Path}: {Error} What was last known stays in force.")]
    private partial void LogFailed(string path, string error);

    [LoggerMessage(Level = LogLevel.Information, Message = "Watching {Path} again.")]
    private partial void LogWorking(string path);
}
