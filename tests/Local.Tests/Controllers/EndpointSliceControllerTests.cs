using k8s;
using k8s.Models;
using Wakegate.Local.Tests.Api;

namespace Wakegate.Local.Tests.Controllers;

public sealed class EndpointSliceControllerTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task ReadyPod_BecomesAnEndpointAndStoppingOneIsNotReady()
    {
        await using var cluster = await ControllerFixture.StartAsync();
        await cluster.CreateServiceAsync("http");
        await cluster.Api.CreateAsync(ApiFixture.Deployment("shop", replicas: 1));
        var pod = (await cluster.PodsAsync(1)).Single();

        await cluster.RunPodAsync(pod, "127.0.0.2", ready: false);
        var starting = (await cluster.SlicesAsync(slices => slices is [{ Endpoints: [_] }])).Single();
        await cluster.RunPodAsync(pod, "127.0.0.2");
        var ready = (await cluster.SlicesAsync(slices => slices is [{ Endpoints: [{ Conditions.Ready: true }] }])).Single();
        await cluster.ScaleAsync(0);
        var stopping = (await cluster.SlicesAsync(slices => slices is [{ Endpoints: [{ Conditions.Terminating: true }] }])).Single();
        await cluster.EndPodAsync(pod);
        var empty = (await cluster.SlicesAsync(slices => slices is [{ Endpoints: null or [] }])).Single();

        Assert.Equal((false, false, false), Conditions(starting));
        Assert.Equal((true, true, false), Conditions(ready));
        Assert.Equal((false, true, true), Conditions(stopping));
        var port = ready.Ports.Single();
        Assert.Equal(("http", 8080, "TCP", "kubernetes.io/h2c"), (port.Name, port.Port, port.Protocol, port.AppProtocol));
        var endpoint = ready.Endpoints.Single();
        Assert.Equal(("127.0.0.2", "Pod", pod.Name(), pod.Uid()), (endpoint.Addresses.Single(), endpoint.TargetRef.Kind, endpoint.TargetRef.Name, endpoint.TargetRef.Uid));
        Assert.Equal("IPv4", ready.AddressType);
        Assert.Equal([starting.Name(), ready.Name(), stopping.Name()], Enumerable.Repeat(empty.Name(), 3));
    }

    [Fact(Timeout = 60_000)]
    public async Task PodsWithPortsOfTheirOwn_GetASliceEach()
    {
        await using var cluster = await ControllerFixture.StartAsync();
        await cluster.CreateServiceAsync(8080);
        foreach (var (name, port) in new[] { ("a", "20001"), ("b", "20002") })
        {
            var pod = ApiFixture.Pod(name, "shop");
            pod.Metadata.Annotations = new Dictionary<string, string> { ["wakegate.dev/local-port"] = port };
            await cluster.RunPodAsync(await cluster.Api.Client.CoreV1.CreateNamespacedPodAsync(pod, "store", cancellationToken: Stop), "127.0.0.1");
        }

        var slices = await cluster.SlicesAsync(slices => slices.Count == 2 && slices.All(slice => slice.Endpoints is [_]));

        Assert.Equal(
            [("a", 20001), ("b", 20002)],
            slices.Select(slice => (slice.Endpoints.Single().TargetRef.Name, slice.Ports.Single().Port!.Value)).Order());
    }

    [Fact(Timeout = 60_000)]
    public async Task PublishNotReadyAddresses_CallsEveryPodReady()
    {
        await using var cluster = await ControllerFixture.StartAsync();
        await cluster.CreateServiceAsync(8080, publishNotReady: true);
        await cluster.RunPodAsync(await cluster.Api.CreatePodAsync("a", "shop"), "127.0.0.2", ready: false);

        var slice = (await cluster.SlicesAsync(slices => slices is [{ Endpoints: [_] }])).Single();

        Assert.Equal((true, false, false), Conditions(slice));
    }

    [Fact(Timeout = 60_000)]
    public async Task DeletedService_TakesItsSlicesWithIt()
    {
        await using var cluster = await ControllerFixture.StartAsync();
        await cluster.CreateServiceAsync(8080);
        await cluster.SlicesAsync(slices => slices.Count == 1);

        await cluster.Api.Client.CoreV1.DeleteNamespacedServiceAsync("shop", "store", cancellationToken: Stop);

        await cluster.SlicesAsync(slices => slices.Count == 0);
    }

    private static (bool?, bool?, bool?) Conditions(V1EndpointSlice slice) =>
        slice.Endpoints.Single().Conditions is var conditions ? (conditions.Ready, conditions.Serving, conditions.Terminating) : default;
}
