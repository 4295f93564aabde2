using System.Text.Json;
using Wakegate.Contracts.Triggers;
using Wakegate.Interceptor.Watching;

namespace Wakegate.Interceptor.Tests;

/// <summary>Which pods a route gets, from Services and EndpointSlices in all their variants.</summary>
public class EndpointTests
{
    private const string NotReady = """{"ready":false,"serving":false,"terminating":false}""";
    private const string Terminating = """{"ready":false,"serving":true,"terminating":true}""";

    [Fact]
    public void SeveralSlices_AreOneService() => Assert.Equal(
        ["10.1.0.1:8080", "10.1.0.2:8080", "10.1.0.3:8080"],
        Pods(Of(Slice("a", KubernetesJson.Endpoint("10.1.0.1", "a"), KubernetesJson.Endpoint("10.1.0.2", "b")), Slice("b", KubernetesJson.Endpoint("10.1.0.3", "c")))));

    [Fact]
    public void PodThatMovesBetweenSlices_IsThereOnce() => Assert.Equal(
        ["10.1.0.1:8080"], Pods(Of(Slice("a", KubernetesJson.Endpoint("10.1.0.1", "a")), Slice("b", KubernetesJson.Endpoint("10.1.0.1", "a")))));

    [Theory]
    [InlineData("a", "b")]
    [InlineData("b", "a")]
    public void PodThatIsGoingAwayInOneSlice_IsNotUsedThoughAnotherStillCallsItReady(string first, string second) => Assert.Equal(
        ["10.1.0.2:8080"],
        Pods(Of(
            Slice(first, KubernetesJson.Endpoint("10.1.0.1", "a"), KubernetesJson.Endpoint("10.1.0.2", "b")),
            Slice(second, KubernetesJson.Endpoint("10.1.0.1", "a", Terminating)))));

    [Fact]
    public void PodThatIsReadyInOneSliceAndNotYetInAnother_IsUsed() => Assert.Equal(
        ["10.1.0.1:8080"], Pods(Of(Slice("a", KubernetesJson.Endpoint("10.1.0.1", "a", NotReady)), Slice("b", KubernetesJson.Endpoint("10.1.0.1", "a")))));

    [Fact]
    public void DualStack_UsesEachPodOnceOverIPv4() => Assert.Equal(
        ["10.1.0.1:8080"],
        Pods(Of(
            KubernetesJson.Slice("shop", "six", 8080, [KubernetesJson.Endpoint("fd00::1", "a")], "IPv6"),
            KubernetesJson.Slice("shop", "four", 8080, [KubernetesJson.Endpoint("10.1.0.1", "a")]))));

    [Fact]
    public void IPv6Alone_IsUsed() => Assert.Equal(
        ["[fd00::1]:8080"], Pods(Of(KubernetesJson.Slice("shop", "six", 8080, [KubernetesJson.Endpoint("fd00::1", "a")], "IPv6"))));

    [Fact]
    public void Names_AreNoAddresses() => Assert.Empty(
        Pods(Of(KubernetesJson.Slice("shop", "name", 8080, [KubernetesJson.Endpoint("pod.example.com", "a")], "FQDN"))));

    /// <summary>A named targetPort may be another number in each pod; pods with the same numbers share a slice.</summary>
    [Fact]
    public void SlicesWithDifferentPortNumbers_GiveEachPodItsOwn() => Assert.Equal(
        ["10.1.0.1:8080", "10.1.0.2:9090"],
        Pods(Of(
            KubernetesJson.Slice("shop", "a", 8080, [KubernetesJson.Endpoint("10.1.0.1", "a")]),
            KubernetesJson.Slice("shop", "b", 9090, [KubernetesJson.Endpoint("10.1.0.2", "b")]))));

    [Fact]
    public void PortOfAnotherName_IsNotOurs() => Assert.Equal(
        ["10.1.0.1:8080"],
        Pods(Of(
            KubernetesJson.Slice("shop", "a", 8080, [KubernetesJson.Endpoint("10.1.0.1", "a")]),
            KubernetesJson.Slice("shop", "b", 9090, [KubernetesJson.Endpoint("10.1.0.2", "b")], portName: "metrics"))));

    [Theory]
    [InlineData("null", "null")]
    [InlineData("[]", "[]")]
    [InlineData("""[{"addresses":null,"conditions":{}}]""", """[{"name":null,"port":null,"protocol":null}]""")]
    public void SliceWithNothingInIt_IsNoHarm(string endpoints, string ports) => Assert.Equal(
        ["10.1.0.1:8080"],
        Pods(Of(
            $$$"""{"addressType":"IPv4","metadata":{"name":"empty","namespace":"store","labels":{"kubernetes.io/service-name":"shop"} },"endpoints":{{{endpoints}}},"ports":{{{ports}}} }""",
            Slice("a", KubernetesJson.Endpoint("10.1.0.1", "a", "{}")))));

    [Theory]
    [InlineData(false, 0, true)]
    [InlineData(true, 2, false)]
    public void EndpointsThatAreNoPods_AreUsedOnlyWhereThatIsAllowed(bool allowed, int used, bool problem)
    {
        const string Bare = """{"addresses":["10.9.0.1"],"conditions":{"ready":true}}""";
        var endpoints = Of(allowed, KubernetesJson.Slice("shop", "a", 8080, [Bare]), KubernetesJson.Slice("shop", "b", 8081, [Bare]));

        var destination = endpoints.Resolve(Route());

        Assert.Equal(used, destination.Pods.Count);
        Assert.Equal(problem, destination.Problem is not null);
    }

    [Fact]
    public void PodOfAnotherNamespace_IsNotUsed()
    {
        var destination = Of(Slice("a", KubernetesJson.Endpoint("10.9.0.1", "a", ns: "secret"), KubernetesJson.Endpoint("10.1.0.1", "b"))).Resolve(Route());

        Assert.Equal("10.1.0.1:8080", Assert.Single(destination.Pods).EndPoint.ToString());
        Assert.StartsWith("Endpoint 10.9.0.1 of Service store/shop is not a Pod of namespace store", destination.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void SliceThatIsRelabelled_LeavesItsService()
    {
        var endpoints = Of(Slice("a", KubernetesJson.Endpoint("10.1.0.1", "a")));

        var concerned = endpoints.Set(Parse<EndpointSlice>(KubernetesJson.Slice("other", "a", KubernetesJson.Endpoint("10.1.0.1", "a"))));

        Assert.Equal(["store/other", "store/shop"], concerned.Select(s => s.ToString()).Order());
        Assert.Empty(Pods(endpoints));
    }

    [Fact]
    public void NotReadyAddressesThatArePublished_AreUsedAndSaidToBeDoubtful()
    {
        var endpoints = Of(Slice("a", KubernetesJson.Endpoint("10.1.0.1", "a")));
        endpoints.Set(Parse<Service>(KubernetesJson.Service("shop", ""","publishNotReadyAddresses":true""")));

        var destination = endpoints.Resolve(Route());

        Assert.Single(destination.Pods);
        Assert.StartsWith("Service store/shop has publishNotReadyAddresses", destination.Doubt, StringComparison.Ordinal);
    }

    [Fact]
    public void ThroughTheService_IsItsClusterIPWhileAPodIsReady()
    {
        var route = Route() with { Via = Via.Service };

        var awake = Of(Slice("a", KubernetesJson.Endpoint("10.1.0.1", "a"), KubernetesJson.Endpoint("10.1.0.2", "b"))).Resolve(route);
        var asleep = Of(Slice("a", KubernetesJson.Endpoint("10.1.0.1", "a", NotReady))).Resolve(route);

        Assert.Equal("10.0.0.1:80", Assert.Single(awake.Pods).EndPoint.ToString());
        Assert.Empty(asleep.Pods);
    }

    [Fact]
    public void ThroughAHeadlessService_IsRefused()
    {
        var endpoints = Of(Slice("a", KubernetesJson.Endpoint("10.1.0.1", "a")));
        endpoints.Set(Parse<Service>(KubernetesJson.Service("shop", ""","clusterIP":"None" """)));

        var destination = endpoints.Resolve(Route() with { Via = Via.Service });

        Assert.Empty(destination.Pods);
        Assert.Equal("Service store/shop is headless, so it has no address for via: service; use via: pods.", destination.Problem);
    }

    [Fact]
    public void PodThatIsGone_IsRememberedWhereSlicesMayNameIt()
    {
        var endpoints = Of();
        endpoints.Watched.Set(Parse<PodObject>(Pod("job")));
        endpoints.Watched.Set(Parse<PodObject>(Pod("shop")));

        endpoints.Watched.Remove(new("store", "job-1"));
        Assert.False(endpoints.Watched.AnyGone("store"));
        endpoints.Watched.Remove(new("store", "shop-1"));

        Assert.True(endpoints.Watched.IsLeaving("store", "uid-shop"));

        static string Pod(string app) => $$$"""{"metadata":{"name":"{{{app}}}-1","namespace":"store","uid":"uid-{{{app}}}","labels":{"app":"{{{app}}}"}},"spec":{"containers":[]},"status":{} }""";
    }

    private static string Slice(string name, params IEnumerable<string> endpoints) => KubernetesJson.Slice("shop", name, endpoints);

    private static ServiceEndpoints Of(params IEnumerable<string> slices) => Of(false, slices);

    private static ServiceEndpoints Of(bool allowForeign, params IEnumerable<string> slices)
    {
        var endpoints = new ServiceEndpoints(allowForeign);
        endpoints.Set(Parse<Service>(KubernetesJson.Service("shop")));
        foreach (var slice in slices)
        {
            endpoints.Set(Parse<EndpointSlice>(slice));
        }

        return endpoints;
    }

    private static T Parse<T>(string json) => (T)JsonSerializer.Deserialize(json, typeof(T), ResourceContext.Default)!;

    private static IEnumerable<string> Pods(ServiceEndpoints endpoints) =>
        endpoints.Resolve(Route()).Pods.Select(p => p.EndPoint.ToString()!).Order(StringComparer.Ordinal);

    private static RouteSpec Route() => new() { Id = new("store", "shop", "shop"), Hosts = [], Service = "shop", Port = new(80, null), Scaling = new() };
}
