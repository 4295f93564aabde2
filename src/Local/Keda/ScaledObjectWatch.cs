using System.Text.Json;
using k8s;
using k8s.Autorest;

namespace Wakegate.Local.Keda;

/// <summary>Follows all ScaledObjects: lists, watches from there, and lists again whenever the watch ends.</summary>
internal sealed partial class ScaledObjectWatch(IKubernetes kubernetes, TimeProvider clock, ILogger log)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private HashSet<(string Namespace, string Name)> known = [];

    /// <param name="changed">Told of each that is there, new or changed or neither.</param>
    /// <param name="gone">Told of each that is no longer there.</param>
    /// <param name="cancellation">Ends the watch.</param>
    public async Task RunAsync(
        Func<ScaledObject, Task> changed, Func<(string Namespace, string Name), Task> gone, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                var version = await ListAsync(changed, gone, cancellation);
                await FollowAsync(version, changed, gone, cancellation);
            }
            catch (Exception away) when (away is HttpOperationException or HttpRequestException or IOException or KubernetesException)
            {
                ApiAway(log, away.Message);
            }

            await Task.Delay(Pause, clock, cancellation);
        }
    }

    private async Task<string?> ListAsync(
        Func<ScaledObject, Task> changed, Func<(string Namespace, string Name), Task> gone, CancellationToken cancellation)
    {
        var list = (JsonElement)await kubernetes.CustomObjects.ListClusterCustomObjectAsync(
            ScaledObject.Group, ScaledObject.Version, ScaledObject.Plural, cancellationToken: cancellation);

        var before = known;
        known = [];
        foreach (var item in list.GetProperty("items").EnumerateArray())
            await TellAsync(item, changed);
        foreach (var key in before.Except(known))
            await gone(key);
        return list.GetProperty("metadata").GetProperty("resourceVersion").GetString();
    }

    private async Task FollowAsync(
        string? version, Func<ScaledObject, Task> changed, Func<(string Namespace, string Name), Task> gone, CancellationToken cancellation)
    {
        Exception? error = null;
        await foreach (var (type, item) in kubernetes.CustomObjects.WatchListClusterCustomObjectAsync(
            ScaledObject.Group, ScaledObject.Version, ScaledObject.Plural, allowWatchBookmarks: true, resourceVersion: version,
            onError: failure => error = failure, cancellationToken: cancellation))
        {
            var json = (JsonElement)item;
            if (type == WatchEventType.Deleted && KeyOf(json) is var key && known.Remove(key))
                await gone(key);
            else if (type is WatchEventType.Added or WatchEventType.Modified)
                await TellAsync(json, changed);
        }

        if (error is not null)
            ApiAway(log, error.Message);
    }

    private async Task TellAsync(JsonElement json, Func<ScaledObject, Task> changed)
    {
        var key = KeyOf(json);
        known.Add(key);
        try
        {
            await changed(ScaledObject.Read(json));
        }
        catch (JsonException refused)
        {
            NotReadable(log, key.Namespace, key.Name, refused.Message);
        }
    }

    private static (string Namespace, string Name) KeyOf(JsonElement json)
    {
        var metadata = json.GetProperty("metadata");
        return (metadata.GetProperty("namespace").GetString()!, metadata.GetProperty("name").GetString()!);
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The Kubernetes API does not serve ScaledObjects: {Reason}. Trying again; what is known stays in force.")]
    private static partial void ApiAway(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "ScaledObject {Namespace}/{Name} cannot be read: {Reason}")]
    private static partial void NotReadable(ILogger logger, string @namespace, string name, string reason);
}
