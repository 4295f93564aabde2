using k8s;
using k8s.Models;

namespace Wakegate.Local.Controllers;

/// <summary>The kinds whose changes controllers wait for. A list of one object is enough: only its version matters.</summary>
internal static class WatchedKinds
{
    public static Changes OfDeployments(this Changes changes, IKubernetes client) => changes.Of(
        async stop => (await client.AppsV1.ListDeploymentForAllNamespacesAsync(limit: 1, cancellationToken: stop)).ResourceVersion(),
        (version, stop) => client.AppsV1.WatchListDeploymentForAllNamespacesAsync(resourceVersion: version, cancellationToken: stop));

    public static Changes OfPods(this Changes changes, IKubernetes client) => changes.Of(
        async stop => (await client.CoreV1.ListPodForAllNamespacesAsync(limit: 1, cancellationToken: stop)).ResourceVersion(),
        (version, stop) => client.CoreV1.WatchListPodForAllNamespacesAsync(resourceVersion: version, cancellationToken: stop));

    public static Changes OfServices(this Changes changes, IKubernetes client) => changes.Of(
        async stop => (await client.CoreV1.ListServiceForAllNamespacesAsync(limit: 1, cancellationToken: stop)).ResourceVersion(),
        (version, stop) => client.CoreV1.WatchListServiceForAllNamespacesAsync(resourceVersion: version, cancellationToken: stop));

    public static Changes OfEndpointSlices(this Changes changes, IKubernetes client) => changes.Of(
        async stop => (await client.DiscoveryV1.ListEndpointSliceForAllNamespacesAsync(limit: 1, cancellationToken: stop)).ResourceVersion(),
        (version, stop) => client.DiscoveryV1.WatchListEndpointSliceForAllNamespacesAsync(resourceVersion: version, cancellationToken: stop));
}
