using k8s;
using k8s.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Wakegate.Interceptor;
using Wakegate.Interceptor.Installing;
using Wakegate.Testing;

namespace Wakegate.Manifests.Tests;

/// <summary>Roles grant what our processes ask of a Kubernetes API, recorded as they ask it, and nothing else.</summary>
public sealed class RbacTests
{
    private const string Account = "wakegate-interceptor";

    [Fact(Timeout = 60_000)]
    public async Task TheClusterRole_GrantsWhatTheInterceptorAsks()
    {
        var manifest = await Manifest.OfAsync("manifests");

        var asked = await AskAsync();

        var binding = Assert.Single(manifest.All<V1ClusterRoleBinding>(), b => IsFor(Account, b.Subjects));
        Assert.Equal(("ClusterRole", Account), (binding.RoleRef.Kind, binding.RoleRef.Name));
        Assert.Equal(asked, Granted(manifest.One<V1ClusterRole>(Account).Rules));
        Assert.DoesNotContain(manifest.All<V1RoleBinding>(), b => IsFor(Account, b.Subjects));
    }

    [Fact(Timeout = 60_000)]
    public async Task TheRoles_GrantWhatTheInterceptorAsksInTheNamespacesThatItWatches()
    {
        var manifest = await Manifest.OfAsync("manifests/overlays/namespaced");
        var watched = Assert.Single(manifest.All<V1ConfigMap>()).Data;

        var asked = await AskAsync([.. watched.Select(setting => $"--{setting.Key.Replace("__", ":", StringComparison.Ordinal)}={setting.Value}")]);

        Assert.Empty(manifest.All<V1ClusterRole>());
        Assert.Empty(manifest.All<V1ClusterRoleBinding>());
        var bindings = manifest.All<V1RoleBinding>().Where(b => IsFor(Account, b.Subjects)).ToList();
        Assert.Equal(watched.Values.Order(StringComparer.Ordinal), bindings.Select(b => b.Metadata.NamespaceProperty).Order(StringComparer.Ordinal));
        Assert.All(bindings, binding =>
        {
            Assert.Equal("Role", binding.RoleRef.Kind);
            var role = Assert.Single(manifest.All<V1Role>(), r => (r.Metadata.NamespaceProperty, r.Metadata.Name) == (binding.Metadata.NamespaceProperty, binding.RoleRef.Name));
            Assert.Equal(asked, Granted(role.Rules));
        });
    }

    [Fact(Timeout = 60_000)]
    public async Task TheRoleOfRedis_GrantsWhatMakingItsSecretAsks()
    {
        var manifest = await Manifest.OfAsync("manifests");
        await using var api = await RecordingApi.StartAsync();
        using var kubernetes = new Kubernetes(new() { Host = api.Address.ToString() });

        await RedisSecret.CreateAsync(kubernetes, "wakegate");
        // It is noted only after it is answered.
        await Eventually.TrueAsync(() => api.Asked.Count > 0);

        var binding = Assert.Single(manifest.All<V1RoleBinding>(), b => IsFor("wakegate-redis", b.Subjects));
        Assert.Equal(api.Asked, Granted(manifest.One<V1Role>(binding.RoleRef.Name).Rules));
        Assert.DoesNotContain(manifest.All<V1ClusterRoleBinding>(), b => IsFor("wakegate-redis", b.Subjects));
    }

    /// <summary>
    /// Two interceptors, one after the other, and a ScaledObject that is wrong: the second finds the first one's Event. And two that are right
    /// and get no pod: one has none, the other one that cannot be scheduled.
    /// </summary>
    private static async Task<IReadOnlySet<Request>> AskAsync(params string[] settings)
    {
        await using var api = await RecordingApi.StartAsync();
        using var kubernetes = api.Api.CreateClient();
        await kubernetes.CustomObjects.CreateNamespacedCustomObjectAsync(WrongScaledObject(), "keda.sh", "v1alpha1", "store", "scaledobjects");
        await AddWorkloadAsync(kubernetes, "cart");
        await AddWorkloadAsync(kubernetes, "till");
        await AddPodWithoutNodeAsync(kubernetes, "till");

        for (var replica = 0; replica < 2; replica++)
        {
            await using var interceptor = await StartAsync(api, settings);
            var last = replica == 0 ? new Request("create", "", "events") : new Request("patch", "", "events");
            await Eventually.TrueAsync(() => api.Asked.Contains(last) && api.Api.OpenWatches == 3);
            using var leaving = new CancellationTokenSource();
            var held = new[] { "cart", "till" }.Select(host => GetAsync(interceptor, host, leaving.Token)).ToList();
            await Eventually.TrueAsync(() => api.Asked.Contains(new("get", "apps", "deployments")) && api.Asked.Contains(new("list", "", "events")));
            await leaving.CancelAsync();
            await Task.WhenAll(held).ContinueWith(_ => { }, TaskScheduler.Default);
            await interceptor.StopAsync();
        }

        return api.Asked;
    }

    private static async Task<WebApplication> StartAsync(RecordingApi api, string[] settings)
    {
        var interceptor = InterceptorHost.Build(
        [
            "--Listen:Address=127.0.0.1", "--Listen:Port=0", "--Listen:AdminPort=0", "--Redis:ConnectionString=127.0.0.1:1",
            "--Interceptor:DrainDelay=0s", "--Hold:FailFastAfter=1ms", $"--Kubernetes:ServerAddress={api.Address}", .. settings,
        ]);
        await interceptor.StartAsync();
        return interceptor;
    }

    private static async Task<HttpResponseMessage> GetAsync(WebApplication interceptor, string host, CancellationToken cancellation)
    {
        var traffic = interceptor.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.ElementAt(1);
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, traffic) { Headers = { Host = $"{host}.test" } };
        return await client.SendAsync(request, cancellation);
    }

    private static async Task AddWorkloadAsync(IKubernetes kubernetes, string name)
    {
        await kubernetes.CoreV1.CreateNamespacedServiceAsync(
            new V1Service { Metadata = new() { Name = name }, Spec = new() { Selector = new Dictionary<string, string> { ["app"] = name }, Ports = [new() { Port = 80 }] } }, "store");
        await kubernetes.CustomObjects.CreateNamespacedCustomObjectAsync(
            ScaledObject(name, new { scalerAddress = "wakegate-scaler.wakegate:9090", hosts = $"{name}.test", service = name, port = "80" }),
            "keda.sh", "v1alpha1", "store", "scaledobjects");
    }

    private static async Task AddPodWithoutNodeAsync(IKubernetes kubernetes, string name)
    {
        await kubernetes.CoreV1.CreateNamespacedPodAsync(
            new V1Pod
            {
                Metadata = new() { Name = name, Labels = new Dictionary<string, string> { ["app"] = name } },
                Spec = new() { Containers = [new() { Name = "web", Image = "web:1" }] },
            },
            "store");
        await kubernetes.CoreV1.PatchNamespacedPodStatusAsync(
            new V1Patch(
                new V1Pod { Status = new() { Phase = "Pending", Conditions = [new() { Type = "PodScheduled", Status = "False", Reason = "Unschedulable" }] } },
                V1Patch.PatchType.MergePatch),
            name, "store");
    }

    private static Dictionary<string, object> WrongScaledObject() => ScaledObject("shop", new { scalerAddress = "wakegate-scaler.wakegate:9090", hosts = "shop.test" });

    private static Dictionary<string, object> ScaledObject(string name, object metadata) => new(StringComparer.Ordinal)
    {
        ["apiVersion"] = "keda.sh/v1alpha1",
        ["kind"] = "ScaledObject",
        ["metadata"] = new { name },
        ["spec"] = new { scaleTargetRef = new { name }, triggers = new[] { new { type = "external-push", metadata } } },
    };

    private static HashSet<Request> Granted(IEnumerable<V1PolicyRule> rules) =>
    [
        .. from rule in rules
           from verb in rule.Verbs
           from apiGroup in rule.ApiGroups
           from resource in rule.Resources
           select new Request(verb, apiGroup, resource),
    ];

    private static bool IsFor(string account, IEnumerable<Rbacv1Subject> subjects) =>
        subjects.Any(s => (s.Kind, s.Name, s.NamespaceProperty) == ("ServiceAccount", account, "wakegate"));
}
