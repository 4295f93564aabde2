using System.Net;
using Wakegate.EndToEnd.Tests.Live;
using Wakegate.Testing;

namespace Wakegate.EndToEnd.Tests;

/// <summary>The real kubectl as the operator's hand.</summary>
public sealed class KubectlTests
{
    private static readonly Uri Bread = new("http://bakery.localhost/bread");

    [Fact(Timeout = 120_000)]
    public async Task Workload_IsAppliedSeenAndDeleted()
    {
        await using var system = await LiveSystem.StartAsync(Workload.Shop);
        using var kubectl = Kubectl.For(system.Cluster.Api.Address);
        var file = kubectl.File((Workload.Shop with { Name = "bakery" }).Yaml());

        var applied = await kubectl.RunAsync("apply", "-f", file);
        await Eventually.TrueAsync(async () => await StatusAsync(system) == HttpStatusCode.OK);
        var seen = await kubectl.RunAsync("get", "scaledobjects,deployments,endpointslices", "-A");
        var deleted = await kubectl.RunAsync("delete", "-f", file);
        await Eventually.TrueAsync(async () => await StatusAsync(system) == HttpStatusCode.NotFound);
        await Eventually.TrueAsync(async () => (await system.PodsAsync("bakery")).Count == 0);

        Assert.Equal(["deployment.apps/bakery created", "service/bakery created", "scaledobject.keda.sh/bakery created"], Lines(applied));
        Assert.Contains("deployment.apps/bakery", seen, StringComparison.Ordinal);
        Assert.Contains("scaledobject.keda.sh/shop", seen, StringComparison.Ordinal);
        Assert.Contains("endpointslice.discovery.k8s.io/bakery", seen, StringComparison.Ordinal);
        Assert.Equal(3, Lines(deleted).Length);
    }

    [Fact(Timeout = 120_000)]
    public async Task Deployment_IsScaled()
    {
        await using var system = await LiveSystem.StartAsync(Workload.Shop);
        using var kubectl = Kubectl.For(system.Cluster.Api.Address);
        // Without the ScaledObject: KEDA would have another opinion.
        var deployment = (Workload.Shop with { Name = "bakery" }).Yaml().Split("\n---\n")[0];
        await kubectl.RunAsync("apply", "-f", kubectl.File(deployment));

        var scaled = await kubectl.RunAsync("scale", "deployment/bakery", "--replicas=2");
        await kubectl.RunAsync("rollout", "status", "deployment/bakery", "--timeout=60s");

        Assert.Equal(["deployment.apps/bakery scaled"], Lines(scaled));
        Assert.Equal(2, (await system.PodsAsync("bakery")).Count);
    }

    private static async Task<HttpStatusCode> StatusAsync(LiveSystem system)
    {
        using var response = await system.Client.GetAsync(Bread, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    private static string[] Lines(string output) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
