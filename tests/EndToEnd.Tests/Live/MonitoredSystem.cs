using System.Net;
using k8s;
using k8s.Models;
using Wakegate.Testing;

namespace Wakegate.EndToEnd.Tests.Live;

/// <summary>
/// A system that a real Prometheus watches, to which everything happens that a metric or a panel tells of: a cold start, an overflow, a wake-up
/// that fails, a client that leaves, a pod that is not there, watches that break, a ScaledObject that is wrong.
/// </summary>
public sealed class MonitoredSystem : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> parts = new();
    private Task<PrometheusServer>? starting;

    /// <summary>It has had one of everything.</summary>
    internal static Workload Shop { get; } = Workload.Shop with { Metadata = "maxHeldRequests: \"3\"" };

    /// <summary>Its pod is never ready.</summary>
    private static Workload Bakery { get; } = Workload.Shop with { Name = "bakery", IsReadyByItself = false, Metadata = "holdTimeout: 3s" };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Prometheus, once it has seen all that; the first test starts it.</summary>
    internal Task<PrometheusServer> PrometheusAsync() => starting ??= StartAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        while (parts.TryPop(out var part))
            await part.DisposeAsync();
    }

    private async Task<PrometheusServer> StartAsync()
    {
        PrometheusTools.Require("prometheus");
        var system = await LiveSystem.StartAsync(Shop, Bakery);
        parts.Push(system);
        var prometheus = await PrometheusServer.StartAsync(system.Cluster);
        parts.Push(prometheus);

        await StatusAsync(system, "http://nowhere.localhost/", HttpStatusCode.NotFound);
        await WakeTooManyAsync(system);
        await using (await Load.StartAsync(system.Client, "http://shop.localhost/delay/50", clients: 3))
        {
            await StatusAsync(system, "http://shop.localhost/status/500", HttpStatusCode.InternalServerError);
            await LeaveAsync(system);
            await FailToWakeAsync(system);
            await MissAPodAsync(system, prometheus);
            await BreakWatchesAsync(system, prometheus);
            await BreakTheScaledObjectAsync(system, prometheus);
        }

        return prometheus;
    }

    /// <summary>One more than may be held: a pod answers the others.</summary>
    private static async Task WakeTooManyAsync(LiveSystem system)
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(number => system.Client.GetAsync(new Uri($"http://shop.localhost/{number}"), Stop)));

        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable], answers.Select(answer => answer.StatusCode).Order());
    }

    private static async Task LeaveAsync(LiveSystem system)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var request = system.Client.GetAsync(new Uri("http://shop.localhost/delay/60000"), patience.Token);
        await system.Scaler.SaysAtLeastAsync("shop", 4);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
    }

    private static Task FailToWakeAsync(LiveSystem system) => StatusAsync(system, "http://bakery.localhost/", HttpStatusCode.GatewayTimeout);

    /// <summary>A slice that names a pod where nobody listens: requests are sent there, and then elsewhere.</summary>
    private static async Task MissAPodAsync(LiveSystem system, PrometheusServer prometheus)
    {
        var slice = new V1EndpointSlice
        {
            AddressType = "IPv4",
            Metadata = new() { Name = "shop-missing", NamespaceProperty = "default", Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = "shop" } },
            Endpoints =
            [
                new()
                {
                    Addresses = ["127.0.0.1"],
                    Conditions = new() { Ready = true },
                    TargetRef = new() { Kind = "Pod", Name = "shop-missing", NamespaceProperty = "default" },
                },
            ],
            Ports = [new() { Name = "http", Port = 1, Protocol = "TCP" }],
        };
        await system.Cluster.Kubernetes.DiscoveryV1.CreateNamespacedEndpointSliceAsync(slice, "default", cancellationToken: Stop);
        await HasAsync(prometheus, "wakegate_interceptor_retries_total");
        await system.Cluster.Kubernetes.DiscoveryV1.DeleteNamespacedEndpointSliceAsync("shop-missing", "default", cancellationToken: Stop);
    }

    private static Task BreakWatchesAsync(LiveSystem system, PrometheusServer prometheus)
    {
        system.Cluster.Api.Faults.DropWatches();
        return HasAsync(prometheus, "wakegate_interceptor_watch_failures_total");
    }

    /// <summary>What it said before stays in force.</summary>
    private static async Task BreakTheScaledObjectAsync(LiveSystem system, PrometheusServer prometheus)
    {
        var patch = new V1Patch("""[{"op": "replace", "path": "/spec/triggers/0/metadata/port", "value": "none"}]""", V1Patch.PatchType.JsonPatch);
        await system.Cluster.Kubernetes.CustomObjects.PatchNamespacedCustomObjectAsync(patch, "keda.sh", "v1alpha1", "default", "scaledobjects", "shop", cancellationToken: Stop);
        await HasAsync(prometheus, """wakegate_interceptor_trigger_problems{route="shop"}""");
    }

    private static Task HasAsync(PrometheusServer prometheus, string series) =>
        Eventually.TrueAsync(async () => (await prometheus.QueryAsync(series)).Count > 0, $"Prometheus has {series}");

    private static async Task StatusAsync(LiveSystem system, string url, HttpStatusCode status)
    {
        using var response = await system.Client.GetAsync(new Uri(url), Stop);
        Assert.Equal(status, response.StatusCode);
    }
}
