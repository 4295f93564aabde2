using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Wakegate.Contracts.Triggers;
using Wakegate.Testing;

namespace Wakegate.Manifests.Tests;

/// <summary>The examples in <c>manifests/gateways</c>: a cluster takes them, and what they promise in comments is so.</summary>
public sealed class GatewayTests
{
    private const string Interceptor = "wakegate-interceptor";
    private const string InterceptorName = "wakegate-interceptor.wakegate.svc.cluster.local";

    private static readonly IReadOnlyList<(string File, JsonObject Json)> Documents =
    [
        .. Directory.EnumerateFiles(Repository.PathOf("manifests/gateways"), "*.yaml").Order(StringComparer.Ordinal)
            .SelectMany(file => Yaml.ReadFile(file).Select(json => (Path.GetFileName(file), json))),
    ];

    private static TimeSpan LongestHold => Duration(TriggerKeys.HoldTimeout.Default!);

    [Fact]
    public void Kinds_AreTheOnesExpected() => Assert.Equal(
        ["BackendTrafficPolicy", "GRPCRoute", "HTTPRoute", "Ingress", "ReferenceGrant", "ScaledObject", "ServersTransport", "Service", "VirtualService"],
        Documents.Select(d => Kind(d.Json)).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void BuiltInKinds_HaveOnlyFieldsThatKubernetesKnows()
    {
        Assert.All(Of("Ingress"), json => KubernetesYaml.Deserialize<V1Ingress>(json.ToJsonString(), strict: true));
        Assert.All(Of("Service"), json => KubernetesYaml.Deserialize<V1Service>(json.ToJsonString(), strict: true));
    }

    /// <summary>For the gateways' own kinds there is no schema here.</summary>
    [Fact]
    public void OtherKinds_FitTheirSchemas()
    {
        var schemas = CrdSchema.Find();
        Assert.SkipWhen(schemas is null, CrdSchema.Missing);

        string[] kinds = ["HTTPRoute", "GRPCRoute", "ReferenceGrant", "ScaledObject"];
        Assert.All(kinds.SelectMany(Of), json => Assert.Empty(schemas!.Problems(json)));
    }

    [Fact]
    public void ScaledObjects_AreTakenByTheParser() => Assert.All(Of("ScaledObject"), json =>
    {
        var metadata = json["spec"]!["triggers"]![0]!["metadata"]!.AsObject().ToDictionary(pair => pair.Key, pair => (string)pair.Value!);

        Assert.Empty(TriggerParser.Parse("store", "shop", metadata).Refusals);
    });

    [Fact]
    public void TimeOuts_AreLongerThanTheLongestHold()
    {
        var nginx = Of("Ingress").Where(IsNginx).SelectMany(ingress => new[] { "proxy-read-timeout", "proxy-send-timeout" }
            .Select(name => TimeSpan.FromSeconds(int.Parse(Annotation(ingress, name)!, System.Globalization.CultureInfo.InvariantCulture))));
        var routes = Rules("HTTPRoute").SelectMany(rule => new[] { "request", "backendRequest" }.Select(name => Duration((string)rule["timeouts"]![name]!)));
        var istio = Of("VirtualService").SelectMany(json => json["spec"]!["http"]!.AsArray()).Select(route => Duration((string)route!["timeout"]!));

        var envoy = Of("BackendTrafficPolicy").Select(json => json["spec"]!["timeout"]!["http"]!)
            .SelectMany(http => new[] { "requestTimeout", "streamIdleTimeout" }.Select(name => Duration((string)http[name]!)));
        var traefik = Of("ServersTransport").Select(json => Duration((string)json["spec"]!["forwardingTimeouts"]!["responseHeaderTimeout"]!));

        // 0 is no limit, to all of them.
        var all = nginx.Concat(routes).Concat(istio).Concat(envoy).Concat(traefik).ToList();
        Assert.Equal(13, all.Count);
        Assert.All(all, timeout => Assert.True(timeout == TimeSpan.Zero || timeout > LongestHold, $"{timeout}"));
    }

    /// <summary>A GRPCRoute has no field for them.</summary>
    [Fact]
    public void GrpcRoutes_HaveAPolicyWithTheirTimeOuts() => Assert.All(Of("GRPCRoute"), route => Assert.Contains(
        Of("BackendTrafficPolicy").Where(policy => Namespace(policy) == Namespace(route)).Select(policy => policy["spec"]!["targetRefs"]![0]!),
        target => ((string)target["kind"]!, (string)target["name"]!) == ("GRPCRoute", (string)route["metadata"]!["name"]!)));

    [Fact]
    public void Retries_AreOff()
    {
        Assert.All(Of("Ingress").Where(IsNginx), ingress => Assert.Equal("off", Annotation(ingress, "proxy-next-upstream")));
        Assert.All(Rules("HTTPRoute"), rule => Assert.Null(rule["retry"]));
        Assert.All(Of("BackendTrafficPolicy"), policy => Assert.Null(policy["spec"]!["retry"]));
        Assert.All(Of("VirtualService").SelectMany(json => json["spec"]!["http"]!.AsArray()), route => Assert.Equal(0, (int)route!["retries"]!["attempts"]!));
    }

    [Fact]
    public void Ingresses_NameAServiceBesideThem() => Assert.All(Documents.Where(d => Kind(d.Json) == "Ingress"), document =>
    {
        foreach (var service in Backends(document.Json))
        {
            var beside = Documents.Where(d => d.File == document.File && Kind(d.Json) == "Service" && Namespace(d.Json) == Namespace(document.Json))
                .Where(d => (string)d.Json["metadata"]!["name"]! == (string)service["name"]!);
            var leads = beside.Any(d => (string)d.Json["spec"]!["externalName"]! == InterceptorName)
                || ((string)service["name"]! == Interceptor && Namespace(document.Json) == "wakegate");

            Assert.True(leads, $"{document.File} names {service["name"]}");
            Assert.Equal(80, (int)service["port"]!["number"]!);
        }
    });

    [Fact]
    public void ExternalNames_LeadToTheInterceptor() =>
        Assert.All(Of("Service"), service => Assert.Equal(("ExternalName", InterceptorName), ((string)service["spec"]!["type"]!, (string)service["spec"]!["externalName"]!)));

    [Theory]
    [InlineData("HTTPRoute", 80)]
    [InlineData("GRPCRoute", 81)]
    public void RoutesAcrossNamespaces_AreGrantedTheInterceptor(string kind, int port) => Assert.All(Documents.Where(d => Kind(d.Json) == kind), document =>
    {
        var grant = Assert.Single(Documents, d => d.File == document.File && Kind(d.Json) == "ReferenceGrant").Json;

        var backends = document.Json["spec"]!["rules"]!.AsArray().SelectMany(rule => rule!["backendRefs"]!.AsArray()).ToList();
        Assert.All(backends, backend => Assert.Equal((Interceptor, "wakegate", port), ((string)backend!["name"]!, (string)backend["namespace"]!, (int)backend["port"]!)));
        Assert.Equal(("gateway.networking.k8s.io/v1beta1", "wakegate"), ((string)grant["apiVersion"]!, Namespace(grant)));
        Assert.Equal((kind, Namespace(document.Json)), ((string)grant["spec"]!["from"]![0]!["kind"]!, (string)grant["spec"]!["from"]![0]!["namespace"]!));
        Assert.Equal(Interceptor, (string)grant["spec"]!["to"]![0]!["name"]!);
    });

    [Fact]
    public void TheInterceptorsService_HasThePortsThatAllName()
    {
        var folder = Repository.PathOf("manifests/base");
        Assert.SkipUnless(Directory.Exists(folder), "There is no manifests/base.");

        var service = Assert.Single(
            Directory.EnumerateFiles(folder, "*.yaml").SelectMany(Yaml.ReadFile), json => Kind(json) == "Service" && (string)json["metadata"]!["name"]! == Interceptor);

        Assert.Equal(
            [(80, null), (81, "kubernetes.io/h2c")],
            service["spec"]!["ports"]!.AsArray().Select(port => ((int)port!["port"]!, (string?)port["appProtocol"])));
    }

    /// <summary>Istio goes by the port of the Service, and speaks HTTP/1.1 where that does not say otherwise.</summary>
    [Fact]
    public void VirtualServices_SendGrpcToThePortForIt() => Assert.Equal(
        [("greeter", 81), ("shop", 80)],
        Of("VirtualService").Select(json => ((string)json["metadata"]!["name"]!, (int)json["spec"]!["http"]![0]!["route"]![0]!["destination"]!["port"]!["number"]!)));

    private static IEnumerable<JsonObject> Of(string kind) => Documents.Select(d => d.Json).Where(json => Kind(json) == kind);

    private static IEnumerable<JsonNode> Rules(string kind) => Of(kind).SelectMany(json => json["spec"]!["rules"]!.AsArray()).Select(rule => rule!);

    private static IEnumerable<JsonNode> Backends(JsonObject ingress) =>
        ingress["spec"]!["rules"]!.AsArray().SelectMany(rule => rule!["http"]!["paths"]!.AsArray()).Select(path => path!["backend"]!["service"]!);

    private static bool IsNginx(JsonObject ingress) => (string)ingress["spec"]!["ingressClassName"]! == "nginx";

    private static string? Annotation(JsonObject json, string name) => (string?)json["metadata"]!["annotations"]![$"nginx.ingress.kubernetes.io/{name}"];

    private static string Kind(JsonObject json) => (string)json["kind"]!;

    private static string Namespace(JsonObject json) => (string)json["metadata"]!["namespace"]!;

    private static TimeSpan Duration(string text) => KubernetesDuration.TryParse(text, out var duration) ? duration : throw new FormatException(text);
}
