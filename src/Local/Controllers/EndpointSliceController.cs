using k8s;
using k8s.Models;

namespace Wakegate.Local.Controllers;

/// <summary>Keeps EndpointSlices of the pods that each Service with a selector finds: one for each set of ports that they have.</summary>
internal sealed partial class EndpointSliceController(IKubernetes client, TimeProvider clock, ILogger<EndpointSliceController> log)
    : BackgroundService
{
    private const string ManagedBy = "endpointslice-controller.k8s.io";
    private const string OurSlices = $"endpointslice.kubernetes.io/managed-by={ManagedBy}";

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => new Changes(clock)
        .OfServices(client)
        .OfPods(client)
        .OfEndpointSlices(client)
        .DriveAsync(ReconcileAsync, LogFailed, stoppingToken);

    private async Task ReconcileAsync(CancellationToken stop)
    {
        var slices = await client.DiscoveryV1.ListEndpointSliceForAllNamespacesAsync(labelSelector: OurSlices, cancellationToken: stop);
        var services = await client.CoreV1.ListServiceForAllNamespacesAsync(cancellationToken: stop);
        var pods = await client.CoreV1.ListPodForAllNamespacesAsync(cancellationToken: stop);

        var existing = slices.Items.ToLookup(slice => (slice.Namespace(), slice.GetLabel(SliceContents.ServiceLabel)));
        var selecting = services.Items.Where(service => service.Spec is { Selector.Count: > 0, Type: not "ExternalName" }).ToList();
        foreach (var service in selecting)
            await ReconcileAsync(service, pods.Items, [.. existing[(service.Namespace(), service.Name())]], stop);

        var named = selecting.Select(service => (service.Namespace(), (string?)service.Name())).ToHashSet();
        foreach (var orphan in existing.Where(slices => !named.Contains(slices.Key)).SelectMany(slices => slices))
            await DeleteAsync(orphan, stop);
    }

    private async Task ReconcileAsync(V1Service service, IEnumerable<V1Pod> pods, List<V1EndpointSlice> existing, CancellationToken stop)
    {
        var inNamespace = service.Namespace();
        foreach (var wanted in SliceContents.Of(service, pods))
        {
            // The slice with the same ports, else any that would have to go: its name lives on, and watchers see one change and not two.
            var slice = existing.Find(wanted.HasPortsOf) ?? existing.FirstOrDefault();
            if (slice is null)
            {
                await client.DiscoveryV1.CreateNamespacedEndpointSliceAsync(NewSlice(service, wanted), inNamespace, cancellationToken: stop);
                continue;
            }

            existing.Remove(slice);
            if (wanted.IsIn(slice))
                continue;
            wanted.PutInto(slice);
            await client.DiscoveryV1.ReplaceNamespacedEndpointSliceAsync(slice, slice.Name(), inNamespace, cancellationToken: stop);
        }

        foreach (var surplus in existing)
            await DeleteAsync(surplus, stop);
    }

    private static V1EndpointSlice NewSlice(V1Service service, SliceContents contents)
    {
        var slice = new V1EndpointSlice
        {
            AddressType = "IPv4",
            Metadata = new V1ObjectMeta
            {
                GenerateName = $"{service.Name()}-",
                NamespaceProperty = service.Namespace(),
                Labels = new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    [SliceContents.ServiceLabel] = service.Name(),
                    ["endpointslice.kubernetes.io/managed-by"] = ManagedBy,
                },
                OwnerReferences = [Ownership.By(service, V1Service.KubeApiVersion, V1Service.KubeKind)],
            },
        };
        contents.PutInto(slice);
        return slice;
    }

    private async Task DeleteAsync(V1EndpointSlice slice, CancellationToken stop) =>
        await client.DiscoveryV1.DeleteNamespacedEndpointSliceAsync(slice.Name(), slice.Namespace(), cancellationToken: stop);

    [LoggerMessage(Level = LogLevel.Warning, Message = "EndpointSlices could not be reconciled, and will be again in a moment.")]
    private partial void LogFailed(Exception failure);
}
