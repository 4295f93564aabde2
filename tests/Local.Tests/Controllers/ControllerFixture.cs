using k8s;
using k8s.Models;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Wakegate.Local.Controllers;
using Wakegate.Local.Tests.Api;
using Wakegate.Testing;

namespace Wakegate.Local.Tests.Controllers;

/// <summary>The API with both controllers. The test plays the kubelet.</summary>
internal sealed class ControllerFixture : IAsyncDisposable
{
    private readonly List<BackgroundService> controllers;
    private readonly IKubernetes controllersClient;

    private ControllerFixture(ApiFixture api)
    {
        Api = api;
        controllersClient = api.Api.CreateClient();
        controllers =
        [
            new DeploymentController(controllersClient, TimeProvider.System, NullLogger<DeploymentController>.Instance),
            new EndpointSliceController(controllersClient, TimeProvider.System, NullLogger<EndpointSliceController>.Instance),
        ];
    }

    public ApiFixture Api { get; }

    private IKubernetes Client => Api.Client;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<ControllerFixture> StartAsync()
    {
        var fixture = new ControllerFixture(await ApiFixture.StartAsync());
        foreach (var controller in fixture.controllers)
            await controller.StartAsync(Stop);
        return fixture;
    }

    public async Task<IList<V1Pod>> PodsAsync() => (await Client.CoreV1.ListNamespacedPodAsync("store", cancellationToken: Stop)).Items;

    /// <summary>The pods, once there are as many that are not being stopped.</summary>
    public async Task<List<V1Pod>> PodsAsync(int count)
    {
        List<V1Pod> pods = [];
        await Eventually.TrueAsync(async () =>
        {
            pods = [.. (await PodsAsync()).Where(pod => pod.DeletionTimestamp() is null)];
            return pods.Count == count;
        });
        return pods;
    }

    /// <summary>The deployment, once it is as expected.</summary>
    public async Task<V1Deployment> DeploymentAsync(Predicate<V1Deployment> expected)
    {
        V1Deployment deployment = new();
        await Eventually.TrueAsync(async () =>
        {
            deployment = await Client.AppsV1.ReadNamespacedDeploymentAsync("shop", "store", cancellationToken: Stop);
            return expected(deployment);
        });
        return deployment;
    }

    /// <summary>The slices of the Service, once they are as expected.</summary>
    public async Task<IList<V1EndpointSlice>> SlicesAsync(Predicate<IList<V1EndpointSlice>> expected)
    {
        IList<V1EndpointSlice> slices = [];
        await Eventually.TrueAsync(async () =>
        {
            slices = (await Client.DiscoveryV1.ListNamespacedEndpointSliceAsync("store", labelSelector: "kubernetes.io/service-name=shop", cancellationToken: Stop)).Items;
            return expected(slices);
        });
        return slices;
    }

    /// <summary>What the kubelet says of a pod that runs.</summary>
    public Task RunPodAsync(V1Pod pod, string address, bool ready = true)
    {
        pod.Metadata.ResourceVersion = null;
        pod.Status = new V1PodStatus
        {
            Phase = "Running",
            PodIP = address,
            Conditions = [new V1PodCondition { Type = "Ready", Status = ready ? "True" : "False" }],
        };
        return Client.CoreV1.ReplaceNamespacedPodStatusAsync(pod, pod.Name(), "store", cancellationToken: Stop);
    }

    /// <summary>What the kubelet does once a pod's process has ended.</summary>
    public Task EndPodAsync(V1Pod pod) =>
        Client.CoreV1.DeleteNamespacedPodAsync(pod.Name(), "store", gracePeriodSeconds: 0, cancellationToken: Stop);

    public Task ScaleAsync(int replicas) => Client.AppsV1.PatchNamespacedDeploymentScaleAsync(
        new V1Patch($$$"""{"spec":{"replicas":{{{replicas}}}}}""", V1Patch.PatchType.MergePatch), "shop", "store", cancellationToken: Stop);

    public Task CreateServiceAsync(IntOrString targetPort, bool publishNotReady = false) => Client.CoreV1.CreateNamespacedServiceAsync(
        new V1Service
        {
            Metadata = new V1ObjectMeta { Name = "shop", NamespaceProperty = "store" },
            Spec = new V1ServiceSpec
            {
                Selector = new Dictionary<string, string> { ["app"] = "shop" },
                PublishNotReadyAddresses = publishNotReady,
                Ports = [new V1ServicePort { Name = "http", Port = 80, TargetPort = targetPort, AppProtocol = "kubernetes.io/h2c" }],
            },
        },
        "store",
        cancellationToken: Stop);

    public async ValueTask DisposeAsync()
    {
        foreach (var controller in controllers)
        {
            await controller.StopAsync(CancellationToken.None);
            controller.Dispose();
        }

        controllersClient.Dispose();
        await Api.DisposeAsync();
    }
}
