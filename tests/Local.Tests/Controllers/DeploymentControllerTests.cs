using System.Net;
using k8s;
using k8s.Models;
using Wakegate.Local.Tests.Api;
using Wakegate.Testing;

namespace Wakegate.Local.Tests.Controllers;

public sealed class DeploymentControllerTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task ScaledUp_MakesPodsOfTheTemplate()
    {
        await using var cluster = await ControllerFixture.StartAsync();
        var deployment = await cluster.Api.CreateAsync(ApiFixture.Deployment("shop"));

        await cluster.ScaleAsync(2);
        var pods = await cluster.PodsAsync(2);

        Assert.All(pods, pod =>
        {
            Assert.Matches("^shop-[a-z0-9]{5}$", pod.Name());
            Assert.Equal("shop", pod.GetLabel("app"));
            Assert.Equal(deployment.Uid(), pod.OwnerReferences().Single().Uid);
            Assert.Equal("local", pod.Spec.NodeName);
            Assert.Equal("shop:1", pod.Spec.Containers.Single().Image);
        });
    }

    [Fact(Timeout = 60_000)]
    public async Task Status_FollowsThePods()
    {
        await using var cluster = await ControllerFixture.StartAsync();
        await cluster.Api.CreateAsync(ApiFixture.Deployment("shop", replicas: 2));
        var pods = await cluster.PodsAsync(2);

        await cluster.RunPodAsync(pods[0], "127.0.0.2");
        var half = await cluster.DeploymentAsync(deployment => deployment.Status?.ReadyReplicas == 1);
        await cluster.RunPodAsync(pods[1], "127.0.0.3");
        var whole = await cluster.DeploymentAsync(deployment => deployment.Status?.ReadyReplicas == 2);

        Assert.Equal((2, 2, 1, 1), (half.Status.Replicas, half.Status.UpdatedReplicas, half.Status.AvailableReplicas, half.Status.UnavailableReplicas));
        Assert.Equal("False", half.Status.Conditions.Single(condition => condition.Type == "Available").Status);
        Assert.Equal("True", whole.Status.Conditions.Single(condition => condition.Type == "Available").Status);
        Assert.Equal(whole.Generation(), whole.Status.ObservedGeneration);
    }

    [Fact(Timeout = 60_000)]
    public async Task ScaledDown_StopsUnreadyPodsFirst()
    {
        await using var cluster = await ControllerFixture.StartAsync();
        await cluster.Api.CreateAsync(ApiFixture.Deployment("shop", replicas: 3));
        var pods = await cluster.PodsAsync(3);
        await cluster.RunPodAsync(pods[1], "127.0.0.2");
        await cluster.DeploymentAsync(deployment => deployment.Status?.ReadyReplicas == 1);

        await cluster.ScaleAsync(1);
        var left = await cluster.PodsAsync(1);

        Assert.Equal(pods[1].Name(), left.Single().Name());
        // Those that are being stopped stay until the kubelet has stopped them.
        Assert.Equal(3, (await cluster.PodsAsync()).Count);
    }

    [Fact(Timeout = 60_000)]
    public async Task Deleted_TakesItsPodsWithIt()
    {
        await using var cluster = await ControllerFixture.StartAsync();
        await cluster.Api.CreateAsync(ApiFixture.Deployment("shop", replicas: 2));
        await cluster.PodsAsync(2);

        await cluster.Api.Client.AppsV1.DeleteNamespacedDeploymentAsync("shop", "store", cancellationToken: Stop);

        await cluster.PodsAsync(0);
    }

    [Fact(Timeout = 60_000)]
    public async Task ChangedTemplate_ReplacesPodsWithoutEverHavingFewerReady()
    {
        await using var cluster = await ControllerFixture.StartAsync();
        await cluster.Api.CreateAsync(ApiFixture.Deployment("shop", replicas: 1));
        var old = (await cluster.PodsAsync(1)).Single();
        await cluster.RunPodAsync(old, "127.0.0.2");
        await cluster.DeploymentAsync(deployment => deployment.Status?.ReadyReplicas == 1);

        await cluster.Api.Client.AppsV1.PatchNamespacedDeploymentAsync(
            new V1Patch("""{"spec":{"template":{"metadata":{"annotations":{"version":"2"}}}}}""", V1Patch.PatchType.StrategicMergePatch), "shop", "store", cancellationToken: Stop);
        var both = await cluster.PodsAsync(2);
        var replacement = both.Single(pod => pod.Name() != old.Name());
        await cluster.RunPodAsync(replacement, "127.0.0.3");

        Assert.Equal(replacement.Name(), (await cluster.PodsAsync(1)).Single().Name());
        Assert.Equal("2", replacement.GetAnnotation("version"));
    }

    [Fact(Timeout = 60_000)]
    public async Task EndedPod_IsReplaced()
    {
        await using var cluster = await ControllerFixture.StartAsync();
        await cluster.Api.CreateAsync(ApiFixture.Deployment("shop", replicas: 1));
        var pod = (await cluster.PodsAsync(1)).Single();

        await cluster.EndPodAsync(pod);

        await Eventually.TrueAsync(async () => (await cluster.PodsAsync()) is [var next] && next.Name() != pod.Name());
    }

    [Fact(Timeout = 60_000)]
    public async Task KubectlRolloutStatus_WaitsUntilPodsAreReady()
    {
        await using var cluster = await ControllerFixture.StartAsync();
        using var kubectl = Kubectl.For(cluster.Api.Api.Address);
        await cluster.Api.CreateAsync(ApiFixture.Deployment("shop", replicas: 1));
        var pod = (await cluster.PodsAsync(1)).Single();

        var rollout = kubectl.RunAsync("rollout", "status", "deployment/shop", "-n", "store");
        await cluster.RunPodAsync(pod, "127.0.0.2");

        Assert.EndsWith("deployment \"shop\" successfully rolled out\n", await rollout, StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task ApiAwayForAWhile_IsCaughtUpWith()
    {
        await using var cluster = await ControllerFixture.StartAsync();
        await cluster.Api.CreateAsync(ApiFixture.Deployment("shop"));
        await cluster.DeploymentAsync(deployment => deployment.Status?.ObservedGeneration == 1);

        await cluster.Api.Api.StopListeningAsync();
        await cluster.Api.Api.ListenAsync(Stop);
        cluster.Api.Api.Faults.ForgetHistory();
        await cluster.ScaleAsync(1);
        await cluster.PodsAsync(1);
        cluster.Api.Api.Faults.DropWatches();
        cluster.Api.Api.Faults.AnswerNext(3, HttpStatusCode.InternalServerError);
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                await cluster.ScaleAsync(2);
                return true;
            }
            catch (k8s.Autorest.HttpOperationException)
            {
                return false;
            }
        });

        await Eventually.TrueAsync(async () => (await cluster.PodsAsync()).Count == 2);
    }
}
