using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text.Json;

namespace Wakegate.Interceptor.Watching;

/// <summary>
/// Keeps up with one kind: lists, then watches from the list's version, resumes where a watch ended, lists again when that version is no
/// longer known (410), backs off on errors. While the API server is away, what was last known stays in force.
/// </summary>
internal sealed partial class ResourceWatch<T>(
    ResourceApi<T> api, ResourceSink<T> sink, WatchMetrics metrics, WatchHealth health, TimeProvider clock, ILogger logger)
    where T : Resource
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(1);

    // A role that is applied a moment after the interceptor is no refusal that lasts.
    private static readonly TimeSpan LastingRefusal = TimeSpan.FromSeconds(10);

    private readonly TaskCompletionSource refusedForLong = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource listed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // What is there, and the fingerprint of what was last taken over of it; 0 for what could not be read.
    private readonly Dictionary<ObjectName, ulong> known = [];
    private string? version;
    private string? failing;
    private long? refusedSince;

    /// <summary>Completes when all objects have been read for the first time.</summary>
    public Task Listed => listed.Task;

    /// <summary>Completes when the API server has said for a while that this may not be read, or that there is no such thing.</summary>
    public Task Refused => refusedForLong.Task;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        while (!cancellationToken.IsCancellationRequested)
        {
            var (worked, notBefore) = await KeepUpAsync(cancellationToken);
            pause = worked ? FirstPause : TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
            if (!worked)
            {
                // Replicas that lost the same server must not come back in step.
                var jittered = pause * (0.5 + Random.Shared.NextDouble());
                await Task.Delay(jittered > notBefore ? jittered : notBefore, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>One list (where needed) and one watch. Not worked: it failed or brought nothing, and how long the server wants to be left alone.</summary>
    private async Task<(bool Worked, TimeSpan NotBefore)> KeepUpAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (version is null)
            {
                await ListAsync(cancellationToken);
            }

            return (await WatchAsync(cancellationToken), TimeSpan.Zero);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // Whatever it is, this loop goes on: without it, all there is to know of a kind would be old for ever.
            var refused = error as ApiRefusedException;
            var foreseen = error is HttpRequestException or IOException or JsonException or TimeoutException;
            if (!foreseen || refused?.StatusCode == HttpStatusCode.Gone)
            {
                version = null;
            }

            Note(refused?.StatusCode);
            Failed(error, foreseen);
            var retryAfter = refused?.RetryAfter ?? TimeSpan.Zero;
            return (false, retryAfter < LongestRetryAfter ? retryAfter : LongestRetryAfter);
        }
        catch (OperationCanceledException)
        {
            return (false, TimeSpan.Zero);
        }
    }

    /// <summary>
    /// Takes over page by page what there is, then drops what there was before and is no longer. What is the same in both is never away.
    /// </summary>
    private async Task ListAsync(CancellationToken cancellationToken)
    {
        var gone = known.Keys.ToHashSet();
        var at = "";
        metrics.Listed(api.Path);
        await foreach (var page in api.ListAsync(cancellationToken))
        {
            at = page.Metadata.ResourceVersion;
            foreach (var item in page.Items ?? [])
            {
                gone.Remove(NameOf(item.Metadata));
                Set(item);
            }
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
        await foreach (var change in api.WatchAsync(version!, Working, cancellationToken))
        {
            if (change.Type == "ERROR")
            {
                // Whatever the error, a fresh list is the way out; 410 is the ordinary one.
                metrics.Failed(api.Path);
                version = null;
                return any;
            }

            any = true;
            Apply(change);
        }

        // A quiet one that lasted is as good; one that ends at once must not be started again at once.
        return any || clock.GetElapsedTime(started) > FirstPause;
    }

    private void Apply(WatchEvent<T> change)
    {
        switch (change.Type)
        {
            case "ADDED" or "MODIFIED": Set(change.Object); break;
            case "DELETED": Remove(NameOf(change.Object.Metadata)); break;
            default: break;
        }

        if (change.Object.Metadata.ResourceVersion is { Length: > 0 } at)
        {
            version = at;
        }
    }

    private void Set(in Read<T> read)
    {
        var name = NameOf(read.Metadata);
        if (read.Object is not { } item)
        {
            var (metadata, error) = (read.Metadata, read.Error!);
            if (!known.TryGetValue(name, out var before) || before != 0)
            {
                known[name] = 0;
                LogUnreadable(api.Path, name, error);
                Guarded(name, () => sink.Unreadable(metadata, error));
            }

            return;
        }

        var fingerprint = Fingerprint.Of(item);
        if (known.GetValueOrDefault(name) != fingerprint)
        {
            known[name] = fingerprint;
            Guarded(name, () => sink.Set(item));
        }
    }

    private void Remove(ObjectName name)
    {
        known.Remove(name);
        Guarded(name, () => sink.Remove(name));
    }

    /// <summary>A mistake of ours over one object must cost that object only, not the watch of all.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "The summary says why.")]
    private void Guarded(ObjectName name, Action take)
    {
        try
        {
            take();
        }
        catch (Exception mistake)
        {
            LogMistake(mistake, api.Path, name);
        }
    }

    private void Note(HttpStatusCode? refusal)
    {
        refusedSince = refusal is HttpStatusCode.Forbidden or HttpStatusCode.NotFound ? refusedSince ?? clock.GetTimestamp() : null;
        if (refusedSince is { } since && clock.GetElapsedTime(since) >= LastingRefusal)
        {
            refusedForLong.TrySetResult();
        }
    }

    private void Failed(Exception error, bool foreseen)
    {
        metrics.Failed(api.Path);
        health.Failing(api.Path, error.Message);

        // Once for each reason, not for each try.
        var reason = error is HttpRequestException { StatusCode: { } status } ? $"{(int)status}" : error.GetType().Name;
        if (failing != reason)
        {
            failing = reason;
            LogFailed(foreseen ? null : error, api.Path, error.Message);
        }
    }

    private void Working()
    {
        if (failing is not null)
        {
            failing = null;
            health.Working(api.Path);
            LogWorking(api.Path);
        }
    }

    private static ObjectName NameOf(Metadata metadata) => new(metadata.Namespace, metadata.Name);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cannot watch {Path}: {Error} What was last known stays in force.")]
    private partial void LogFailed(Exception? unforeseen, string path, string error);

    [LoggerMessage(Level = LogLevel.Information, Message = "Watching {Path} again.")]
    private partial void LogWorking(string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Name} of {Path} cannot be read, so what was last known of it stays in force: {Error}")]
    private partial void LogUnreadable(string path, ObjectName name, string error);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Name} of {Path} could not be taken over.")]
    private partial void LogMistake(Exception error, string path, ObjectName name);
}

/// <summary>Who takes over what a watch brings.</summary>
/// <param name="Set">There is this object now.</param>
/// <param name="Remove">It is no longer there.</param>
/// <param name="Unreadable">It is there, but this version of it cannot be read.</param>
internal sealed record ResourceSink<T>(Action<T> Set, Action<ObjectName> Remove, Action<Metadata, string> Unreadable);
