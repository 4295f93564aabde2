using k8s.Models;

namespace Wakegate.Manifests.Tests;

/// <summary>Who may reach which port, worked out from the NetworkPolicies as a cluster's network does it.</summary>
public sealed class NetworkTests
{
    private static readonly Peer Interceptor = new("wakegate", "wakegate-interceptor");
    private static readonly Peer Scaler = new("wakegate", "wakegate-scaler");
    private static readonly Peer Redis = new("wakegate", "wakegate-redis");
    private static readonly Peer Keda = new("keda", "keda-operator");
    private static readonly Peer Prometheus = new("monitoring", "prometheus");
    private static readonly Peer Shop = new("store", "shop");

    public static TheoryData<string, int, string[]> Ingress { get; } = new()
    {
        { "wakegate-interceptor", 8080, ["keda", "monitoring", "store", "wakegate-interceptor", "wakegate-redis", "wakegate-scaler"] },
        { "wakegate-interceptor", 8081, ["monitoring", "wakegate-interceptor", "wakegate-redis", "wakegate-scaler"] },
        { "wakegate-scaler", 9090, ["keda"] },
        { "wakegate-scaler", 9091, ["monitoring", "wakegate-interceptor", "wakegate-redis", "wakegate-scaler"] },
        { "wakegate-redis", 6379, ["wakegate-interceptor", "wakegate-scaler"] },
    };

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Ingress))]
    public async Task APort_IsOpenToThoseWhoNeedIt(string workload, int port, string[] open)
    {
        var policies = (await Manifest.OfAsync("manifests")).All<V1NetworkPolicy>();
        var target = new Peer("wakegate", workload);

        var allowed = new[] { Interceptor, Scaler, Redis, Keda, Prometheus, Shop }
            .Where(from => MayEnter(policies, from, target, port))
            .Select(from => from.Namespace == "wakegate" ? from.Name : from.Namespace);

        Assert.Equal(open, allowed.Order(StringComparer.Ordinal));
    }

    [Fact(Timeout = 60_000)]
    public async Task TheScaler_ReachesRedisAndDnsAlone()
    {
        var policies = (await Manifest.OfAsync("manifests")).All<V1NetworkPolicy>();

        Assert.True(MayLeave(policies, Scaler, Redis, 6379));
        Assert.True(MayLeave(policies, Scaler, Shop, 53));
        Assert.False(MayLeave(policies, Scaler, Shop, 8080));
        Assert.False(MayLeave(policies, Scaler, Shop, 6379));
        Assert.False(MayLeave(policies, Scaler, Interceptor, 8080));
    }

    [Fact(Timeout = 60_000)]
    public async Task TheInterceptor_ReachesPodsOfAnyPort()
    {
        var policies = (await Manifest.OfAsync("manifests")).All<V1NetworkPolicy>();

        Assert.True(MayLeave(policies, Interceptor, Shop, 12345));
        Assert.True(MayLeave(policies, Interceptor, Redis, 6379));
    }

    [Fact(Timeout = 60_000)]
    public async Task APodThatComesLater_IsClosed()
    {
        var policies = (await Manifest.OfAsync("manifests")).All<V1NetworkPolicy>();

        Assert.False(MayEnter(policies, Interceptor, new("wakegate", "other"), 80));
    }

    private static bool MayEnter(IEnumerable<V1NetworkPolicy> policies, Peer from, Peer to, int port)
    {
        var chosen = policies.Where(p => p.Spec.PolicyTypes.Contains("Ingress") && Chooses(p, to)).ToList();
        return chosen.Count == 0 || chosen.SelectMany(p => p.Spec.Ingress ?? [])
            .Any(rule => Fits(rule.Ports, port) && Fits(rule.FromProperty, from));
    }

    private static bool MayLeave(IEnumerable<V1NetworkPolicy> policies, Peer from, Peer to, int port)
    {
        var chosen = policies.Where(p => p.Spec.PolicyTypes.Contains("Egress") && Chooses(p, from)).ToList();
        return chosen.Count == 0 || chosen.SelectMany(p => p.Spec.Egress ?? [])
            .Any(rule => Fits(rule.Ports, port) && Fits(rule.To, to));
    }

    private static bool Chooses(V1NetworkPolicy policy, Peer pod) =>
        policy.Metadata.NamespaceProperty == pod.Namespace && Fits(policy.Spec.PodSelector, "app.kubernetes.io/name", pod.Name);

    private static bool Fits(IList<V1NetworkPolicyPort>? ports, int port) => ports is not { Count: > 0 } || ports.Any(p => p.Port.ToString() == $"{port}");

    private static bool Fits(IList<V1NetworkPolicyPeer>? peers, Peer pod) => peers is not { Count: > 0 } || peers.Any(peer =>
        (peer.NamespaceSelector is { } ns ? Fits(ns, "kubernetes.io/metadata.name", pod.Namespace) : pod.Namespace == "wakegate")
        && (peer.PodSelector is null || Fits(peer.PodSelector, "app.kubernetes.io/name", pod.Name)));

    /// <summary>As much of a selector as the manifests use: one label.</summary>
    private static bool Fits(V1LabelSelector selector, string label, string value) =>
        (selector.MatchLabels ?? new Dictionary<string, string>(StringComparer.Ordinal)).All(wanted => wanted.Key == label && wanted.Value == value)
        && (selector.MatchExpressions ?? []).All(wanted => wanted is { OperatorProperty: "In" } && wanted.Key == label && wanted.Values.Contains(value));

    private sealed record Peer(string Namespace, string Name);
}
