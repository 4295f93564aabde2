using k8s.Models;

namespace Wakegate.Manifests.Tests;

/// <summary>Who may reach which port, worked out from the NetworkPolicies as a cluster's network does it.</summary>
public sealed class NetworkTests
{
    private const string ExistingRedis = "manifests/overlays/existing-redis";

    private static readonly Peer Interceptor = new("wakegate", "wakegate-interceptor");
    private static readonly Peer Scaler = new("wakegate", "wakegate-scaler");
    private static readonly Peer Redis = new("wakegate", "wakegate-redis");
    private static readonly Peer Keda = new("keda", "keda-operator");
    private static readonly Peer Prometheus = new("monitoring", "prometheus");
    private static readonly Peer Dns = new("openshift-dns", "dns");
    private static readonly Peer Shop = new("store", "shop");

    private static readonly Peer Solver = new("wakegate", "true", "acme.cert-manager.io/http01-solver");

    public static TheoryData<string, string, int, string[]> Ingress { get; } = new()
    {
        { "manifests", "wakegate-interceptor", 8080, ["keda", "monitoring", "store", "wakegate-interceptor", "wakegate-redis", "wakegate-scaler"] },
        { "manifests", "wakegate-interceptor", 8081, ["monitoring", "wakegate-interceptor", "wakegate-redis", "wakegate-scaler"] },
        { "manifests", "wakegate-scaler", 9090, ["keda"] },
        { "manifests", "wakegate-scaler", 9091, ["monitoring", "wakegate-interceptor", "wakegate-redis", "wakegate-scaler"] },
        { "manifests", "wakegate-redis", 6379, ["wakegate-interceptor", "wakegate-scaler"] },
        { ExistingRedis, "wakegate-interceptor", 8080, ["keda", "monitoring", "store", "wakegate-interceptor", "wakegate-redis", "wakegate-scaler"] },
        { ExistingRedis, "wakegate-interceptor", 8081, ["monitoring", "wakegate-interceptor", "wakegate-redis", "wakegate-scaler"] },
        { ExistingRedis, "wakegate-scaler", 9090, ["keda"] },
        { ExistingRedis, "wakegate-scaler", 9091, ["monitoring", "wakegate-interceptor", "wakegate-redis", "wakegate-scaler"] },
        { ExistingRedis, "wakegate-redis", 6379, [] },
    };

    public static TheoryData<string> Installs => Manifest.Installs;

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Ingress))]
    public async Task APort_IsOpenToThoseWhoNeedIt(string folder, string workload, int port, string[] open)
    {
        var policies = (await Manifest.OfAsync(folder)).All<V1NetworkPolicy>();
        var target = new Peer("wakegate", workload);

        var allowed = new[] { Interceptor, Scaler, Redis, Keda, Prometheus, Shop }
            .Where(from => MayEnter(policies, from, target, port))
            .Select(from => from.Namespace == "wakegate" ? from.Name : from.Namespace);

        Assert.Equal(open, allowed.Order(StringComparer.Ordinal));
        Assert.False(MayEnter(policies, Keda, target, port, "UDP"));
    }

    /// <summary>Of DNS at both ports: where its pods listen at another than their Service, a policy sees theirs.</summary>
    [Fact(Timeout = 60_000)]
    public async Task TheScaler_ReachesRedisAndDnsAlone()
    {
        var policies = (await Manifest.OfAsync("manifests")).All<V1NetworkPolicy>();

        Assert.True(MayLeave(policies, Scaler, Redis, 6379));
        Assert.All([53, 5353], port => Assert.All(["UDP", "TCP"], protocol => Assert.True(MayLeave(policies, Scaler, Dns, port, protocol))));
        Assert.False(MayLeave(policies, Scaler, Redis, 6379, "UDP"));
        Assert.False(MayLeave(policies, Scaler, Shop, 8080));
        Assert.False(MayLeave(policies, Scaler, Shop, 6379));
        Assert.False(MayLeave(policies, Scaler, Interceptor, 8080));
    }

    [Fact(Timeout = 60_000)]
    public async Task AnExistingRedis_IsReachedWhereverItIs()
    {
        var policies = (await Manifest.OfAsync(ExistingRedis)).All<V1NetworkPolicy>();

        Assert.All([Interceptor, Scaler], from => Assert.True(MayLeave(policies, from, new("elsewhere", "sentinel"), 26379)));
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Installs))]
    public async Task TheInterceptor_ReachesPodsOfAnyPort(string folder)
    {
        var policies = (await Manifest.OfAsync(folder)).All<V1NetworkPolicy>();

        Assert.True(MayLeave(policies, Interceptor, Shop, 12345));
        Assert.True(MayLeave(policies, Interceptor, Redis, 6379));
    }

    /// <summary>The Ingress lies in namespace wakegate, and cert-manager's pods, which answer for its certificate, lie beside it.</summary>
    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Installs))]
    public async Task CertManagersSolvers_AreReachedAtTheirPortAlone(string folder)
    {
        var policies = (await Manifest.OfAsync(folder)).All<V1NetworkPolicy>();

        Assert.True(MayEnter(policies, new("ingress-nginx", "ingress-nginx"), Solver, 8089));
        Assert.False(MayEnter(policies, new("ingress-nginx", "ingress-nginx"), Solver, 8080));
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Installs))]
    public async Task APodThatComesLater_IsClosed(string folder)
    {
        var policies = (await Manifest.OfAsync(folder)).All<V1NetworkPolicy>();

        Assert.False(MayEnter(policies, Interceptor, new("wakegate", "other"), 80));
    }

    private static bool MayEnter(IEnumerable<V1NetworkPolicy> policies, Peer from, Peer to, int port, string protocol = "TCP")
    {
        var chosen = policies.Where(p => p.Spec.PolicyTypes.Contains("Ingress") && Chooses(p, to)).ToList();
        return chosen.Count == 0 || chosen.SelectMany(p => p.Spec.Ingress ?? [])
            .Any(rule => Fits(rule.Ports, port, protocol) && Fits(rule.FromProperty, from));
    }

    private static bool MayLeave(IEnumerable<V1NetworkPolicy> policies, Peer from, Peer to, int port, string protocol = "TCP")
    {
        var chosen = policies.Where(p => p.Spec.PolicyTypes.Contains("Egress") && Chooses(p, from)).ToList();
        return chosen.Count == 0 || chosen.SelectMany(p => p.Spec.Egress ?? [])
            .Any(rule => Fits(rule.Ports, port, protocol) && Fits(rule.To, to));
    }

    private static bool Chooses(V1NetworkPolicy policy, Peer pod) =>
        policy.Metadata.NamespaceProperty == pod.Namespace && Fits(policy.Spec.PodSelector, pod.Label, pod.Name);

    private static bool Fits(IList<V1NetworkPolicyPort>? ports, int port, string protocol) =>
        ports is not { Count: > 0 } || ports.Any(p => p.Port.ToString() == $"{port}" && (p.Protocol ?? "TCP") == protocol);

    private static bool Fits(IList<V1NetworkPolicyPeer>? peers, Peer pod) => peers is not { Count: > 0 } || peers.Any(peer =>
        (peer.NamespaceSelector is { } ns ? Fits(ns, "kubernetes.io/metadata.name", pod.Namespace) : pod.Namespace == "wakegate")
        && (peer.PodSelector is null || Fits(peer.PodSelector, pod.Label, pod.Name)));

    /// <summary>As much of a selector as the manifests use: one label.</summary>
    private static bool Fits(V1LabelSelector selector, string label, string value) =>
        (selector.MatchLabels ?? new Dictionary<string, string>(StringComparer.Ordinal)).All(wanted => wanted.Key == label && wanted.Value == value)
        && (selector.MatchExpressions ?? []).All(wanted => wanted is { OperatorProperty: "In" } && wanted.Key == label && wanted.Values.Contains(value));

    /// <summary>A pod: its namespace, and the value of the one label that tells it from others.</summary>
    private sealed record Peer(string Namespace, string Name, string Label = "app.kubernetes.io/name");
}
