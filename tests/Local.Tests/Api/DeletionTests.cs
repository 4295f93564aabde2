using System.Net;
using k8s;
using k8s.Models;

namespace Wakegate.Local.Tests.Api;

public sealed class DeletionTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task PodOnANode_StaysUntilItsKubeletIsDone()
    {
        await using var api = await ApiFixture.StartAsync();
        var pod = ApiFixture.Pod("a");
        pod.Spec.NodeName = "local";
        await api.Client.CoreV1.CreateNamespacedPodAsync(pod, "store", cancellationToken: Stop);

        var asked = await api.Client.CoreV1.DeleteNamespacedPodAsync("a", "store", cancellationToken: Stop);
        var stopping = await api.Client.CoreV1.ReadNamespacedPodAsync("a", "store", cancellationToken: Stop);
        await api.Client.CoreV1.DeleteNamespacedPodAsync("a", "store", gracePeriodSeconds: 0, cancellationToken: Stop);

        Assert.NotNull(asked.DeletionTimestamp());
        Assert.Equal(30, stopping.Metadata.DeletionGracePeriodSeconds);
        Assert.Empty((await api.Client.CoreV1.ListNamespacedPodAsync("store", cancellationToken: Stop)).Items);
    }

    [Fact(Timeout = 60_000)]
    public async Task Finalizer_KeepsAnObjectUntilItIsTaken()
    {
        await using var api = await ApiFixture.StartAsync();
        var deployment = ApiFixture.Deployment("shop");
        deployment.Metadata.Finalizers = ["wakegate.dev/test"];
        await api.CreateAsync(deployment);

        await api.Client.AppsV1.DeleteNamespacedDeploymentAsync("shop", "store", cancellationToken: Stop);
        var leaving = await api.Client.AppsV1.ReadNamespacedDeploymentAsync("shop", "store", cancellationToken: Stop);
        leaving.Metadata.Finalizers = null;
        await api.Client.AppsV1.ReplaceNamespacedDeploymentAsync(leaving, "shop", "store", cancellationToken: Stop);

        Assert.NotNull(leaving.DeletionTimestamp());
        Assert.Empty((await api.Client.AppsV1.ListNamespacedDeploymentAsync("store", cancellationToken: Stop)).Items);
    }

    [Fact(Timeout = 60_000)]
    public async Task AnotherLifesUid_Conflicts()
    {
        await using var api = await ApiFixture.StartAsync();
        await api.CreatePodAsync("a");

        var (code, _) = await api.SendAsync(HttpMethod.Delete, "/api/v1/namespaces/store/pods/a", """{"preconditions":{"uid":"other"}}""");

        Assert.Equal(HttpStatusCode.Conflict, code);
    }

    [Fact(Timeout = 60_000)]
    public async Task Namespace_TakesWithItWhatIsInIt()
    {
        await using var api = await ApiFixture.StartAsync();
        await api.CreatePodAsync("a");
        await api.CreateAsync(ApiFixture.Deployment("shop"));

        await api.Client.CoreV1.DeleteNamespaceAsync("store", cancellationToken: Stop);

        Assert.Equal(["default"], api.Api.Store.Current.Objects.Keys.Select(key => key.Name));
    }
}
