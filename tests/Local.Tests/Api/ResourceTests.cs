using System.Net;
using System.Text.Json;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace Wakegate.Local.Tests.Api;

public sealed class ResourceTests
{
    private const string Shop = "/apis/apps/v1/namespaces/store/deployments/shop";
    private const string ScaledObjects = "/apis/keda.sh/v1alpha1/namespaces/store/scaledobjects";
    private const string ScaledShop = """{"metadata":{"name":"shop"},"spec":{"scaleTargetRef":{"name":"shop"},"triggers":[]}}""";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task Created_GetsWhatTheServerKnows()
    {
        await using var api = await ApiFixture.StartAsync();

        var deployment = await api.CreateAsync(ApiFixture.Deployment("shop", replicas: 2));

        Assert.NotNull(deployment.Uid());
        Assert.NotNull(deployment.CreationTimestamp());
        Assert.Equal(1, deployment.Generation());
        Assert.NotEmpty(deployment.ResourceVersion());
        Assert.Equal(["default", "store"], (await api.Client.CoreV1.ListNamespaceAsync(cancellationToken: Stop)).Items.Select(item => item.Name()));
    }

    [Fact(Timeout = 60_000)]
    public async Task GenerateName_MakesNamesOfItsOwn()
    {
        await using var api = await ApiFixture.StartAsync();
        var pod = ApiFixture.Pod("x");
        (pod.Metadata.Name, pod.Metadata.GenerateName) = (null, "shop-");

        var first = await api.Client.CoreV1.CreateNamespacedPodAsync(pod, "store", cancellationToken: Stop);
        var second = await api.Client.CoreV1.CreateNamespacedPodAsync(pod, "store", cancellationToken: Stop);

        Assert.Matches("^shop-[a-z0-9]{5}$", first.Name());
        Assert.NotEqual(first.Name(), second.Name());
    }

    [Fact(Timeout = 60_000)]
    public async Task NameWithADot_IsServed()
    {
        await using var api = await ApiFixture.StartAsync();
        var written = new Corev1Event { Metadata = new() { Name = "shop.test" }, InvolvedObject = new() { Kind = "Pod", Name = "shop", NamespaceProperty = "store" } };

        await api.Client.CoreV1.CreateNamespacedEventAsync(written, "store", cancellationToken: Stop);

        Assert.Equal("shop.test", (await api.Client.CoreV1.ReadNamespacedEventAsync("shop.test", "store", cancellationToken: Stop)).Name());
    }

    [Fact(Timeout = 60_000)]
    public async Task CreatedTwice_Conflicts()
    {
        await using var api = await ApiFixture.StartAsync();
        await api.CreateAsync(ApiFixture.Deployment("shop"));

        var refusal = await Assert.ThrowsAsync<HttpOperationException>(() => api.CreateAsync(ApiFixture.Deployment("shop")));

        Assert.Equal(HttpStatusCode.Conflict, refusal.Response.StatusCode);
        var status = KubernetesJson.Deserialize<V1Status>(refusal.Response.Content);
        Assert.Equal(("AlreadyExists", "deployments.apps \"shop\" already exists"), (status.Reason, status.Message));
    }

    [Fact(Timeout = 60_000)]
    public async Task Missing_IsNotFound()
    {
        await using var api = await ApiFixture.StartAsync();

        var (code, status) = await api.SendAsync(HttpMethod.Get, Shop);

        Assert.Equal(HttpStatusCode.NotFound, code);
        Assert.Equal("deployments.apps \"shop\" not found", status.GetProperty("message").GetString());
        Assert.Equal("Status", status.GetProperty("kind").GetString());
        Assert.Equal("NotFound", status.GetProperty("reason").GetString());
    }

    [Theory(Timeout = 60_000)]
    [InlineData("/api/v1/nodes")]
    [InlineData("/apis/apps/v1/namespaces/store/replicasets")]
    [InlineData("/apis/apps/v2/namespaces/store/deployments")]
    [InlineData("/api/v1/namespaces/store/pods/a/log")]
    [InlineData("/nowhere")]
    public async Task UnknownResource_IsNotFound(string path)
    {
        await using var api = await ApiFixture.StartAsync();

        var (code, status) = await api.SendAsync(HttpMethod.Get, path);

        Assert.Equal(HttpStatusCode.NotFound, code);
        Assert.Equal("the server could not find the requested resource", status.GetProperty("message").GetString());
    }

    [Fact(Timeout = 60_000)]
    public async Task ReplacedFromAnOldVersion_Conflicts()
    {
        await using var api = await ApiFixture.StartAsync();
        var first = await api.CreateAsync(ApiFixture.Deployment("shop"));
        first.Spec.Replicas = 3;
        var second = await api.Client.AppsV1.ReplaceNamespacedDeploymentAsync(first, "shop", "store", cancellationToken: Stop);

        first.Spec.Replicas = 4;
        var refusal = await Assert.ThrowsAsync<HttpOperationException>(() =>
            api.Client.AppsV1.ReplaceNamespacedDeploymentAsync(first, "shop", "store", cancellationToken: Stop));

        Assert.Equal(HttpStatusCode.Conflict, refusal.Response.StatusCode);
        Assert.Contains("the object has been modified", refusal.Response.Content, StringComparison.Ordinal);
        Assert.Equal((3, 2L), (second.Spec.Replicas, second.Generation()));
        Assert.Equal(first.Uid(), second.Uid());
    }

    [Fact(Timeout = 60_000)]
    public async Task Status_IsWrittenOnlyThroughItsSubresource()
    {
        await using var api = await ApiFixture.StartAsync();
        var created = await api.CreateAsync(ApiFixture.Deployment("shop"));

        created.Status = new V1DeploymentStatus { Replicas = 7 };
        created.Spec.Replicas = 5;
        var status = await api.Client.AppsV1.ReplaceNamespacedDeploymentStatusAsync(created, "shop", "store", cancellationToken: Stop);
        var written = (status.Status.Replicas, status.Spec.Replicas, status.Generation());
        status.Status.Replicas = 8;
        var whole = await api.Client.AppsV1.ReplaceNamespacedDeploymentAsync(status, "shop", "store", cancellationToken: Stop);

        Assert.Equal((7, 0, 1L), written);
        Assert.Equal(7, whole.Status.Replicas);
    }

    [Fact(Timeout = 60_000)]
    public async Task Scale_ReadsAndWritesReplicas()
    {
        await using var api = await ApiFixture.StartAsync();
        await api.CreateAsync(ApiFixture.Deployment("shop", replicas: 1));

        var scale = await api.Client.AppsV1.ReadNamespacedDeploymentScaleAsync("shop", "store", cancellationToken: Stop);
        scale.Spec.Replicas = 2;
        var replaced = await api.Client.AppsV1.ReplaceNamespacedDeploymentScaleAsync(scale, "shop", "store", cancellationToken: Stop);
        var stale = await Assert.ThrowsAsync<HttpOperationException>(() =>
            api.Client.AppsV1.ReplaceNamespacedDeploymentScaleAsync(Scaled(scale, 9), "shop", "store", cancellationToken: Stop));
        var patched = await api.Client.AppsV1.PatchNamespacedDeploymentScaleAsync(
            new V1Patch("""{"spec":{"replicas":5}}""", V1Patch.PatchType.MergePatch), "shop", "store", cancellationToken: Stop);

        Assert.Equal("app=shop", scale.Status.Selector);
        Assert.Equal((2, 5), (replaced.Spec.Replicas, patched.Spec.Replicas));
        Assert.Equal(HttpStatusCode.Conflict, stale.Response.StatusCode);
        var deployment = await api.Client.AppsV1.ReadNamespacedDeploymentAsync("shop", "store", cancellationToken: Stop);
        Assert.Equal((5, 3L), (deployment.Spec.Replicas, deployment.Generation()));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("application/merge-patch+json", """{"spec":{"replicas":4}}""")]
    [InlineData("application/strategic-merge-patch+json", """{"spec":{"replicas":4}}""")]
    [InlineData("application/json-patch+json", """[{"op":"test","path":"/spec/replicas","value":0},{"op":"replace","path":"/spec/replicas","value":4}]""")]
    public async Task Patch_OfEachKind_Changes(string type, string patch)
    {
        await using var api = await ApiFixture.StartAsync();
        await api.CreateAsync(ApiFixture.Deployment("shop"));

        var (code, body) = await api.SendAsync(HttpMethod.Patch, Shop, patch, type);

        Assert.Equal(HttpStatusCode.OK, code);
        Assert.Equal(4, body.GetProperty("spec").GetProperty("replicas").GetInt32());
        Assert.Equal(2, body.GetProperty("metadata").GetProperty("generation").GetInt32());
    }

    [Theory(Timeout = 60_000)]
    [InlineData("application/strategic-merge-patch+json", "{}", 415)]
    [InlineData("application/apply-patch+yaml", "{}", 415)]
    [InlineData("text/plain", "{}", 415)]
    [InlineData("application/merge-patch+json", "{", 400)]
    [InlineData("application/merge-patch+json", "[]", 400)]
    [InlineData("application/json-patch+json", "{}", 400)]
    [InlineData("application/json-patch+json", """[{"op":"test","path":"/spec/maxReplicaCount","value":1}]""", 422)]
    [InlineData("application/json-patch+json", """[{"op":"remove","path":"/spec/nothing/here"}]""", 422)]
    [InlineData("application/merge-patch+json", """{"metadata":{"resourceVersion":"1"}}""", 409)]
    [InlineData("application/merge-patch+json", """{"metadata":{"name":"other"}}""", 400)]
    [InlineData("application/merge-patch+json", """{"spec":{"maxReplicaCount":"many"}}""", 422)]
    [InlineData("application/merge-patch+json", """{"spec":null}""", 422)]
    public async Task Patch_OfACustomResource_IsRefusedForWhatItIs(string type, string patch, int code)
    {
        await using var api = await ApiFixture.StartAsync();
        await api.SendAsync(HttpMethod.Post, ScaledObjects, ScaledShop);

        var (answer, status) = await api.SendAsync(HttpMethod.Patch, $"{ScaledObjects}/shop", patch, type);

        Assert.Equal(code, (int)answer);
        Assert.Equal(code, status.GetProperty("code").GetInt32());
    }

    [Fact(Timeout = 60_000)]
    public async Task NumberInATriggersMetadata_IsRefusedAsByACluster()
    {
        await using var api = await ApiFixture.StartAsync();

        var numbered = ScaledShop.Replace("[]", """[{"type":"external-push","metadata":{"port":80}}]""", StringComparison.Ordinal);
        var (code, status) = await api.SendAsync(HttpMethod.Post, ScaledObjects, numbered);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, code);
        Assert.Contains(
            "spec.triggers[0].metadata.port in body must be of type string: \"integer\"",
            status.GetProperty("message").GetString(),
            StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task UnknownField_IsRefusedWhereStrictAndElseWarnedOf()
    {
        await using var api = await ApiFixture.StartAsync();
        var misspelled = ScaledShop.Replace("\"triggers\"", "\"maxReplicasCount\":3,\"triggers\"", StringComparison.Ordinal);

        var (strict, status) = await api.SendAsync(HttpMethod.Post, $"{ScaledObjects}?fieldValidation=Strict", misspelled);
        using var warned = await api.Http.PostAsync(ScaledObjects, new StringContent(misspelled, null, "application/json"), Stop);

        Assert.Equal(HttpStatusCode.BadRequest, strict);
        Assert.Contains("unknown field \"spec.maxReplicasCount\"", status.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Created, warned.StatusCode);
        Assert.Equal("299 - \"unknown field \\\"spec.maxReplicasCount\\\"\"", Assert.Single(warned.Headers.GetValues("Warning")));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("""{"metadata":{"name":"Shop"},"spec":{}}""", 422)]
    [InlineData("""{"metadata":{},"spec":{}}""", 422)]
    [InlineData("""{"metadata":{"name":"a","namespace":"other"},"spec":{}}""", 400)]
    [InlineData("""{"kind":"Pod","metadata":{"name":"a"},"spec":{}}""", 400)]
    [InlineData("""{"metadata":{"name":"a","resourceVersion":"4"},"spec":{}}""", 400)]
    [InlineData("""{"metadata":{"name":"a"},"metadata":{}}""", 400)]
    [InlineData("""{"metadata":{"name":"a"},"spec":{"replicas":-1,"selector":{"matchLabels":{"a":"b"}}}}""", 422)]
    [InlineData("""{"metadata":{"name":"a"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"c"}}}}}""", 422)]
    [InlineData("""{"metadata":{"name":"a"},"spec":"none"}""", 422)]
    [InlineData("none", 400)]
    public async Task BadDeployment_IsRefused(string body, int code)
    {
        await using var api = await ApiFixture.StartAsync();

        var (answer, status) = await api.SendAsync(HttpMethod.Post, "/apis/apps/v1/namespaces/store/deployments", body);

        Assert.Equal(code, (int)answer);
        Assert.Equal("Failure", status.GetProperty("status").GetString());
    }

    [Fact(Timeout = 60_000)]
    public async Task Pages_HoldEveryObjectOnce()
    {
        await using var api = await ApiFixture.StartAsync();
        foreach (var name in new[] { "e", "b", "d", "a", "c" })
            await api.CreatePodAsync(name);

        var names = new List<string>();
        var versions = new HashSet<string>();
        string? next = null;
        do
        {
            var page = await api.Client.CoreV1.ListNamespacedPodAsync("store", limit: 2, continueParameter: next, cancellationToken: Stop);
            names.AddRange(page.Items.Select(pod => pod.Name()));
            versions.Add(page.ResourceVersion());
            next = page.Continue();
        }
        while (!string.IsNullOrEmpty(next));

        Assert.Equal(["a", "b", "c", "d", "e"], names);
        Assert.Single(versions);
    }

    [Fact(Timeout = 60_000)]
    public async Task PageOfAForgottenList_IsGone()
    {
        await using var api = await ApiFixture.StartAsync();
        await api.CreatePodAsync("a");
        await api.CreatePodAsync("b");
        var page = await api.Client.CoreV1.ListNamespacedPodAsync("store", limit: 1, cancellationToken: Stop);

        api.Api.Faults.ForgetHistory();
        var (code, _) = await api.SendAsync(HttpMethod.Get, $"/api/v1/namespaces/store/pods?limit=1&continue={page.Continue()}");

        Assert.Equal(HttpStatusCode.Gone, code);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("labelSelector=app%3Dshop", "a")]
    [InlineData("labelSelector=app!%3Dshop", "b,c")]
    [InlineData("labelSelector=app", "a,b")]
    [InlineData("labelSelector=!app", "c")]
    [InlineData("labelSelector=app in (shop,cart)", "a,b")]
    [InlineData("labelSelector=app notin (shop),app", "b")]
    [InlineData("fieldSelector=metadata.name%3Db", "b")]
    [InlineData("fieldSelector=metadata.name!%3Db,status.phase%3DPending", "a,c")]
    public async Task Selectors_FilterLists(string query, string expected)
    {
        await using var api = await ApiFixture.StartAsync();
        await api.CreatePodAsync("a", "shop");
        await api.CreatePodAsync("b", "cart");
        await api.CreatePodAsync("c");

        var (_, list) = await api.SendAsync(HttpMethod.Get, $"/api/v1/pods?{query}");

        Assert.Equal(expected.Split(','), list.GetProperty("items").EnumerateArray().Select(NameOf));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("labelSelector=a b c")]
    [InlineData("fieldSelector=spec.colour%3Dred")]
    public async Task BadSelector_IsRefused(string query)
    {
        await using var api = await ApiFixture.StartAsync();

        var (code, _) = await api.SendAsync(HttpMethod.Get, $"/api/v1/pods?{query}");

        Assert.Equal(HttpStatusCode.BadRequest, code);
    }

    private static V1Scale Scaled(V1Scale scale, int replicas)
    {
        scale.Spec.Replicas = replicas;
        return scale;
    }

    private static string? NameOf(JsonElement item) => item.GetProperty("metadata").GetProperty("name").GetString();
}
