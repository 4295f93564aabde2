using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Wakegate.Local.Controllers;
using Wakegate.Local.Pods;
using Wakegate.Local.Tests.Api;
using Wakegate.Testing;

namespace Wakegate.Local.Tests.Pods;

/// <summary>The kubelet's stand-in beside an API. Pods are little shell scripts.</summary>
internal sealed class KubeletFixture : IAsyncDisposable
{
    private readonly List<PodEvent> events = [];
    private readonly ApiFixture api;
    private readonly Kubelet kubelet;

    private KubeletFixture(ApiFixture api, PodPlaces places)
    {
        this.api = api;
        kubelet = new Kubelet(api.Client, places, TimeProvider.System, Add, NullLogger<Kubelet>.Instance);
    }

    public TemporaryFolder Folder { get; } = new();

    public IReadOnlyList<PodEventKind> Told
    {
        get
        {
            lock (events)
                return [.. events.Select(told => told.Kind)];
        }
    }

    public static async Task<KubeletFixture> StartAsync(bool sharedAddress = false)
    {
        var fixture = new KubeletFixture(await ApiFixture.StartAsync(), new PodPlaces(sharedAddress));
        await fixture.kubelet.StartAsync(TestContext.Current.CancellationToken);
        return fixture;
    }

    public async Task<V1Pod> CreateAsync(string name, string? command, Action<V1Pod>? configure = null)
    {
        var pod = ApiFixture.Pod(name);
        pod.Spec.NodeName = DeploymentController.Node;
        pod.Spec.Containers[0].Ports = [new V1ContainerPort { Name = "http", ContainerPort = 8080 }];
        if (command is not null)
            pod.Metadata.Annotations = new Dictionary<string, string> { [PodProgram.CommandAnnotation] = $"cd {Folder.Path}; {command}" };
        configure?.Invoke(pod);
        return await api.Client.CoreV1.CreateNamespacedPodAsync(pod, "store", cancellationToken: TestContext.Current.CancellationToken);
    }

    public Task<V1Pod> ReadAsync(string name) => api.Client.CoreV1.ReadNamespacedPodAsync(name, "store", cancellationToken: TestContext.Current.CancellationToken);

    public Task<V1PodList> ListAsync() => api.Client.CoreV1.ListNamespacedPodAsync("store", cancellationToken: TestContext.Current.CancellationToken);

    public Task<Corev1EventList> EventsAsync() => api.Client.CoreV1.ListNamespacedEventAsync("store", cancellationToken: TestContext.Current.CancellationToken);

    public Task<V1Pod> DeleteAsync(string name, int? grace = null) => api.Client.CoreV1.DeleteNamespacedPodAsync(
        name, "store", new V1DeleteOptions { GracePeriodSeconds = grace }, cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>The pod, once its status is as wanted.</summary>
    public async Task<V1Pod> UntilAsync(string name, Func<V1Pod, bool> wanted)
    {
        V1Pod? pod = null;
        await Eventually.TrueAsync(async () => wanted(pod = await ReadAsync(name)));
        return pod!;
    }

    /// <summary>The first later version of a pod that is as wanted, for however short a time it was in force.</summary>
    public async Task<V1Pod> FirstAfterAsync(V1Pod pod, Func<V1Pod, bool> wanted)
    {
        var versions = api.Client.CoreV1.WatchListNamespacedPodAsync(
            "store", resourceVersion: pod.ResourceVersion(), cancellationToken: TestContext.Current.CancellationToken);
        await foreach (var (_, later) in versions)
        {
            if (wanted(later))
                return later;
        }

        throw new InvalidOperationException($"The watch ended before {pod.Name()} was as wanted.");
    }

    public static bool IsReady(V1Pod pod) => PodState.IsReady(pod);

    public async ValueTask DisposeAsync()
    {
        await kubelet.StopAsync(CancellationToken.None);
        kubelet.Dispose();
        await api.DisposeAsync();
        Folder.Dispose();
    }

    private void Add(PodEvent told)
    {
        lock (events)
            events.Add(told);
    }
}
