using k8s;
using Microsoft.Extensions.Options;
using Wakegate.Interceptor.Routing;

namespace Wakegate.Interceptor.Watching;

/// <summary>Runs the watches of all kinds, in all namespaces or in those that are named.</summary>
internal sealed class WatchService(
    Kubernetes kubernetes, Cluster cluster, RouteTable routes, WatchMetrics metrics, WatchHealth health, TimeProvider clock,
    IOptions<WatchSettings> settings, ILogger<WatchService> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // ScaledObjects come last: when a route appears, its Service and pods are known, and a missing one is really missing.
        var scopes = settings.Value.Namespaces is { Length: > 0 } named ? named.Select(n => $"/namespaces/{n}").ToList() : [""];
        var targets = scopes.SelectMany(scope => new[]
        {
            Start<Service>($"/api/v1{scope}/services", new(cluster.Set, cluster.RemoveService, Ignore), stoppingToken),
            Start<EndpointSlice>($"/apis/discovery.k8s.io/v1{scope}/endpointslices", new(cluster.Set, cluster.RemoveSlice, Ignore), stoppingToken),
        }).ToList();
        await Task.WhenAll(targets.Select(t => t.Listed)).WaitAsync(stoppingToken);

        var objects = scopes.Select(scope => Start<ScaledObject>(
            $"/apis/keda.sh/v1alpha1{scope}/scaledobjects", new(cluster.Set, cluster.RemoveScaledObject, cluster.SetUnreadable), stoppingToken)).ToList();
        await Task.WhenAll(objects.Select(t => t.Listed)).WaitAsync(stoppingToken);

        routes.Complete = true;
        await Task.WhenAll(targets.Concat(objects).Select(t => t.Run));
    }

    private (Task Listed, Task Run) Start<T>(string path, ResourceSink<T> sink, CancellationToken stopping)
        where T : Resource
    {
        var api = new ResourceApi<T>(kubernetes, path, clock);
        var watch = new ResourceWatch<T>(api, sink, metrics, health, clock, logger);
        return (watch.Listed, watch.RunAsync(stopping));
    }

    /// <summary>The watch's log says it; such an object has no author to tell: the API server itself keeps Services and slices valid.</summary>
    private static void Ignore(Metadata metadata, string error)
    {
    }
}
