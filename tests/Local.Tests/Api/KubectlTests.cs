using System.Text.RegularExpressions;
using k8s;
using k8s.Models;
using Wakegate.Testing;

namespace Wakegate.Local.Tests.Api;

public sealed partial class KubectlTests
{
    private const string Manifest = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: shop, namespace: store }
        spec:
          replicas: 0
          selector: { matchLabels: { app: shop } }
          template:
            metadata: { labels: { app: shop } }
            spec:
              containers:
                - name: shop
                  image: shop:1
                  env: [{ name: GREETING, value: hello }, { name: LEVEL, value: low }]
                  readinessProbe: { httpGet: { path: /ready, port: 8080 } }
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: shop, namespace: store }
        spec: { selector: { app: shop }, ports: [{ name: http, port: 80, targetPort: 8080 }] }
        ---
        apiVersion: keda.sh/v1alpha1
        kind: ScaledObject
        metadata: { name: shop, namespace: store }
        spec:
          scaleTargetRef: { name: shop }
          minReplicaCount: 0
          maxReplicaCount: 20
          triggers:
            - type: external-push
              metadata: { scalerAddress: wakegate-scaler.wakegate:9090, hosts: shop.example.com, service: shop, port: "80" }

        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task Get_PrintsTheColumnsOfACluster()
    {
        await using var api = await ApiFixture.StartAsync();
        using var kubectl = Kubectl.For(api.Api.Address);
        await kubectl.RunAsync("apply", "-f", kubectl.File(Manifest));
        await api.Client.DiscoveryV1.CreateNamespacedEndpointSliceAsync(Slice(), "store", cancellationToken: Stop);

        var output = await kubectl.RunAsync("get", "scaledobjects,deployments,endpointslices", "-A");

        Assert.Equal(
            [
                "NAMESPACE NAME SCALETARGETKIND SCALETARGETNAME MIN MAX READY ACTIVE FALLBACK PAUSED TRIGGERS AUTHENTICATIONS AGE",
                "store scaledobject.keda.sh/shop shop 0 20 #s",
                "",
                "NAMESPACE NAME READY UP-TO-DATE AVAILABLE AGE",
                "store deployment.apps/shop 0/0 0 0 #s",
                "",
                "NAMESPACE NAME ADDRESSTYPE PORTS ENDPOINTS AGE",
                "store endpointslice.discovery.k8s.io/shop-1 IPv4 8080 127.0.0.1,127.0.0.2 #s",
            ],
            Columns(output));
    }

    [Fact(Timeout = 60_000)]
    public async Task Apply_CreatesThenChangesWhatTheFileChanged()
    {
        await using var api = await ApiFixture.StartAsync();
        using var kubectl = Kubectl.For(api.Api.Address);

        var created = await kubectl.RunAsync("apply", "-f", kubectl.File(Manifest));
        // What someone else has set meanwhile stays: the patch holds only what the file itself changed.
        await kubectl.RunAsync("scale", "deployment/shop", "-n", "store", "--replicas=3");
        var changed = Manifest
            .Replace("  replicas: 0\n", "", StringComparison.Ordinal)
            .Replace("{ name: GREETING, value: hello }, ", "", StringComparison.Ordinal)
            .Replace("value: low", "value: high", StringComparison.Ordinal)
            .Replace("maxReplicaCount: 20", "maxReplicaCount: 30", StringComparison.Ordinal);
        await api.Client.CustomObjects.PatchNamespacedCustomObjectAsync(
            new V1Patch("""{"spec":{"pollingInterval":5}}""", V1Patch.PatchType.MergePatch), "keda.sh", "v1alpha1", "store", "scaledobjects", "shop", cancellationToken: Stop);
        var configured = await kubectl.RunAsync("apply", "-f", kubectl.File(changed));
        var unchanged = await kubectl.RunAsync("apply", "-f", kubectl.File(changed));

        Assert.Equal(["deployment.apps/shop created", "service/shop created", "scaledobject.keda.sh/shop created"], Columns(created));
        Assert.Equal(["deployment.apps/shop configured", "service/shop unchanged", "scaledobject.keda.sh/shop configured"], Columns(configured));
        Assert.Equal(["deployment.apps/shop unchanged", "service/shop unchanged", "scaledobject.keda.sh/shop unchanged"], Columns(unchanged));
        var container = (await api.Client.AppsV1.ReadNamespacedDeploymentAsync("shop", "store", cancellationToken: Stop)).Spec.Template.Spec.Containers.Single();
        Assert.Equal(("LEVEL", "high"), (container.Env.Single().Name, container.Env.Single().Value));
        Assert.Equal("30 5", await kubectl.RunAsync("get", "so/shop", "-n", "store", "-o", "jsonpath={.spec.maxReplicaCount} {.spec.pollingInterval}"));
    }

    [Fact(Timeout = 60_000)]
    public async Task Apply_RefusesAMisspelledField()
    {
        await using var api = await ApiFixture.StartAsync();
        using var kubectl = Kubectl.For(api.Api.Address);

        var (code, _, error) = await kubectl.TryAsync("apply", "-f", kubectl.File(Manifest.Replace("maxReplicaCount", "maxReplicasCount", StringComparison.Ordinal)));

        Assert.Equal(1, code);
        Assert.Contains("unknown field \"spec.maxReplicasCount\"", error, StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task Apply_NamesTheFieldThatIsNotAString()
    {
        await using var api = await ApiFixture.StartAsync();
        using var kubectl = Kubectl.For(api.Api.Address);

        var (code, _, error) = await kubectl.TryAsync("apply", "-f", kubectl.File(Manifest.Replace("\"80\"", "80", StringComparison.Ordinal)));

        Assert.Equal(1, code);
        Assert.Contains("spec.triggers[0].metadata.port in body must be of type string", error, StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task ScalePatchAndDelete_Work()
    {
        await using var api = await ApiFixture.StartAsync();
        using var kubectl = Kubectl.For(api.Api.Address);
        await kubectl.RunAsync("apply", "-f", kubectl.File(Manifest));

        var scaled = await kubectl.RunAsync("scale", "deployment/shop", "-n", "store", "--replicas=2");
        var patched = await kubectl.RunAsync(
            "patch", "so", "shop", "-n", "store", "--type=json", "-p", """[{"op":"replace","path":"/spec/triggers/0/metadata/hosts","value":"a.example.com"}]""");
        var yaml = await kubectl.RunAsync("get", "so", "shop", "-n", "store", "-o", "yaml");
        var deleted = await kubectl.RunAsync("delete", "so,deployment,service", "shop", "-n", "store");

        Assert.Equal(["deployment.apps/shop scaled"], Columns(scaled));
        Assert.Equal(["scaledobject.keda.sh/shop patched"], Columns(patched));
        Assert.Contains("      hosts: a.example.com\n", yaml, StringComparison.Ordinal);
        Assert.Equal(["scaledobject.keda.sh \"shop\" deleted", "deployment.apps \"shop\" deleted", "service \"shop\" deleted"], Columns(deleted));
        Assert.DoesNotContain(api.Api.Store.Current.Objects.Keys, key => key.Name == "shop");
    }

    [Fact(Timeout = 60_000)]
    public async Task Describe_ShowsAnObjectWithItsEvents()
    {
        await using var api = await ApiFixture.StartAsync();
        using var kubectl = Kubectl.For(api.Api.Address);
        await kubectl.RunAsync("apply", "-f", kubectl.File(Manifest));
        var uid = await kubectl.RunAsync("get", "so/shop", "-n", "store", "-o", "jsonpath={.metadata.uid}");
        await api.Client.CoreV1.CreateNamespacedEventAsync(Warning("shop", uid, "hosts is taken by other/shop"), "store", cancellationToken: Stop);
        await api.Client.CoreV1.CreateNamespacedEventAsync(Warning("other", "1", "says nothing of shop"), "store", cancellationToken: Stop);

        var scaledObject = await kubectl.RunAsync("describe", "so", "shop", "-n", "store");
        var deployment = await kubectl.RunAsync("describe", "deployment", "shop", "-n", "store");

        Assert.Contains("hosts is taken by other/shop", scaledObject, StringComparison.Ordinal);
        Assert.DoesNotContain("says nothing of shop", scaledObject, StringComparison.Ordinal);
        Assert.Contains("0 desired | 0 updated", deployment, StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task GetAndWatch_PrintsALineAChange()
    {
        await using var api = await ApiFixture.StartAsync();
        using var kubectl = Kubectl.For(api.Api.Address);
        await api.CreateAsync(ApiFixture.Deployment("shop"));

        using var watch = kubectl.Start("get", "deployments", "-n", "store", "-w");
        try
        {
            await watch.StandardOutput.ReadLineAsync(Stop);
            var first = await watch.StandardOutput.ReadLineAsync(Stop);
            await kubectl.RunAsync("scale", "deployment/shop", "-n", "store", "--replicas=2");
            var second = await watch.StandardOutput.ReadLineAsync(Stop);

            Assert.StartsWith("shop   0/0", first, StringComparison.Ordinal);
            Assert.StartsWith("shop   0/2", second, StringComparison.Ordinal);
        }
        finally
        {
            watch.Kill();
            await watch.WaitForExitAsync(Stop);
        }
    }

    [Theory(Timeout = 60_000)]
    [InlineData("explain deployment.spec.template.spec.containers", "readinessProbe")]
    [InlineData("explain scaledobject.spec.triggers", "metadata")]
    [InlineData("api-resources", "scaledobjects so keda.sh/v1alpha1 true ScaledObject")]
    [InlineData("version", "Server Version: v1.32")]
    [InlineData("get all -n store", "service/shop")]
    [InlineData("get namespaces", "store Active")]
    [InlineData("get deployments -n store -l app=none", "")]
    public async Task Command_Works(string command, string expected)
    {
        await using var api = await ApiFixture.StartAsync();
        using var kubectl = Kubectl.For(api.Api.Address);
        await kubectl.RunAsync("apply", "-f", kubectl.File(Manifest));

        var output = await kubectl.RunAsync(command.Split(' '));

        Assert.Contains(expected, string.Join('\n', Columns(output)), StringComparison.Ordinal);
    }

    private static string[] Columns(string output) =>
        [.. Ages().Replace(output.TrimEnd('\n'), "#s").Split('\n').Select(line => Spaces().Replace(line.Trim(), " "))];

    private static V1EndpointSlice Slice() => new()
    {
        Metadata = new V1ObjectMeta { Name = "shop-1", NamespaceProperty = "store" },
        AddressType = "IPv4",
        Ports = [new Discoveryv1EndpointPort { Name = "http", Port = 8080 }],
        Endpoints = [new V1Endpoint { Addresses = ["127.0.0.1"] }, new V1Endpoint { Addresses = ["127.0.0.2"] }],
    };

    private static Corev1Event Warning(string name, string uid, string message) => new()
    {
        Metadata = new V1ObjectMeta { GenerateName = "shop.", NamespaceProperty = "store" },
        InvolvedObject = new V1ObjectReference { ApiVersion = "keda.sh/v1alpha1", Kind = "ScaledObject", Name = name, NamespaceProperty = "store", Uid = uid },
        Type = "Warning",
        Reason = "HostTaken",
        Message = message,
    };

    [GeneratedRegex(@"\b\d+s\b", RegexOptions.None, 1000)]
    private static partial Regex Ages();

    [GeneratedRegex(" +", RegexOptions.None, 1000)]
    private static partial Regex Spaces();
}
