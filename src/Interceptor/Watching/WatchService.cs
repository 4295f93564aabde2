using k8s;
using Microsoft.Extensions.Options;
using Wakegate.Interceptor.Routing;

namespace Wakegate.Interceptor.Watching;

/// <summary>Runs the watches of all kinds, in all namespaces or in those that are named.</summary>
internal sealed partial class WatchService(
    Kubernetes kubernetes, Cluster cluster, RouteTable routes, WatchMetrics metrics, WatchHealth health, TimeProvider clock,
    IOptions<WatchSettings> settings, ILogger<WatchService> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var scopes = (settings.Value.Namespaces is { Length: > 0 } named ? named : [""]).Select(Scope).ToList();
        var running = Task.WhenAll(scopes.Select(scope => scope.RunAsync(stoppingToken)));
        await ReadAsync(scopes).WaitAsync(stoppingToken);

        routes.Complete = true;
        await running;
    }

    /// <summary>
    /// A namespace that was deleted took with it the role that let us read it. It must not keep a new interceptor from serving the others; where
    /// nothing at all can be read, something else is wrong, and a rollout must stop at it.
    /// </summary>
    private async Task ReadAsync(List<WatchScope> scopes)
    {
        await Task.WhenAny(scopes.Select(scope => scope.Read));
        await Task.WhenAll(scopes.Select(scope => Task.WhenAny(scope.Read, scope.Refused)));
        foreach (var scope in scopes.Where(scope => !scope.Read.IsCompleted))
        {
            LogWithout(scope.Name);
        }
    }

    private WatchScope Scope(string name)
    {
        var within = name.Length == 0 ? "" : $"/namespaces/{name}";
        return new(
            name,
            Watch<Service>($"/api/v1{within}/services", new(cluster.Set, cluster.RemoveService, Ignore)),
            Watch<EndpointSlice>($"/apis/discovery.k8s.io/v1{within}/endpointslices", new(cluster.Set, cluster.RemoveSlice, Ignore)),
            Watch<ScaledObject>($"/apis/keda.sh/v1alpha1{within}/scaledobjects", new(cluster.Set, cluster.RemoveScaledObject, cluster.SetUnreadable)));
    }

    private ResourceWatch<T> Watch<T>(string path, ResourceSink<T> sink)
        where T : Resource => new(new ResourceApi<T>(kubernetes, path, clock), sink, metrics, health, clock, logger);

    /// <summary>The watch's log says it; such an object has no author to tell: the API server itself keeps Services and slices valid.</summary>
    private static void Ignore(Metadata metadata, string error)
    {
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Going on without namespace {Namespace}, which cannot be read. It is taken over as soon as it can.")]
    private partial void LogWithout(string @namespace);
}
