using k8s;
using Microsoft.Extensions.Options;
using Wakegate.Interceptor.Routing;

namespace Wakegate.Interceptor.Watching;

/// <summary>Runs the watches of all kinds, in all namespaces or in those that are named.</summary>
internal sealed class WatchService(
    Kubernetes kubernetes, Cluster cluster, RouteTable routes, WatchMetrics metrics, TimeProvider clock,
    IOptions<WatchSettings> settings, ILogger<WatchService> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // ScaledObjects come last: when a route appears, its Service and pods are known, and a missing one is really missing.
        var scopes = settings.Value.Namespaces is { Length: > 0 } named ? named.Select(n => $"/namespaces/{n}").ToList() : [""];
        var targets = scopes.SelectMany(scope => new[]
        {
            Start<Service>($"/api/v1{scope}/services", cluster.Set, cluster.RemoveService, stoppingToken),
            Start<EndpointSlice>($"/apis/discovery.k8s.io/v1{scope}/endpointslices", cluster.Set, cluster.RemoveSlice, stoppingToken),
        }).ToList();
        await Task.WhenAll(targets.Select(t => t.Listed)).WaitAsync(stoppingToken);

        var objects = scopes.Select(scope => Start<ScaledObject>(
            $"/apis/keda.sh/v1alpha1{scope}/scaledobjects", cluster.Set, cluster.RemoveScaledObject, stoppingToken)).ToList();
        await Task.WhenAll(objects.Select(t => t.Listed)).WaitAsync(stoppingToken);

        routes.Complete = true;
        await Task.WhenAll(targets.Concat(objects).Select(t => t.Run));
    }

    private (Task Listed, Task Run) Start<T>(string path, Action<T> changed, Action<ObjectName> deleted, CancellationToken stopping)
        where T : Resource
    {
        var api = new ResourceApi<T>(kubernetes, path, ResourceContext.Default);
        var watch = new ResourceWatch<T>(api, changed, deleted, metrics, clock, logger);
        return (watch.Listed, watch.RunAsync(stopping));
    }
}
