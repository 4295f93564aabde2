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
        ["GRPCRoute", "HTTPRoute", "Ingress", "ReferenceGrant", "ScaledObject", "Service", "VirtualService"],
        Documents.Select(d => Kind(d.Json)).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void BuiltInKinds_HaveOnlyFieldsThatKubernetesKnows()
    {
        Assert.All(Of("Ingress"), json => KubernetesYaml.Deserialize<V1Ingress>(json.ToJsonString(), strict: true));
        Assert.All(Of("Service"), json => KubernetesYaml.Deserialize<V1Service>(json.ToJsonString(), strict: true));
    }

    /// <summary>For Istio's kinds there is no schema here.</summary>
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

        var all = nginx.Concat(routes).Concat(istio).ToList();
        Assert.Equal(9, all.Count);
        Assert.All(all, timeout => Assert.True(timeout > LongestHold, $"{timeout}"));
    }

    [Fact]
    public void Retries_AreOff()
    {
        Assert.All(Of("Ingress").Where(IsNginx), ingress => Assert.Equal("off", Annotation(ingress, "proxy-next-upstream")));
        Assert.All(Rules("HTTPRoute"), rule => Assert.Null(rule["retry"]));
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
    [InlineData("HTTPRoute")]
    [InlineData("GRPCRoute")]
    public void RoutesAcrossNamespaces_AreGrantedTheInterceptor(string kind) => Assert.All(Documents.Where(d => Kind(d.Json) == kind), document =>
    {
        var grant = Assert.Single(Documents, d => d.File == document.File && Kind(d.Json) == "ReferenceGrant").Json;

        var backends = document.Json["spec"]!["rules"]!.AsArray().SelectMany(rule => rule!["backendRefs"]!.AsArray()).ToList();
        Assert.All(backends, backend => Assert.Equal((Interceptor, "wakegate", 80), ((string)backend!["name"]!, (string)backend["namespace"]!, (int)backend["port"]!)));
        Assert.Equal("wakegate", Namespace(grant));
        Assert.Equal((kind, Namespace(document.Json)), ((string)grant["spec"]!["from"]![0]!["kind"]!, (string)grant["spec"]!["from"]![0]!["namespace"]!));
        Assert.Equal(Interceptor, (string)grant["spec"]!["to"]![0]!["name"]!);
    });

    [Fact]
    public void TheInterceptorsService_HasThePortThatAllName()
    {
        var folder = Repository.PathOf("manifests/base");
        Assert.SkipUnless(Directory.Exists(folder), "There is no manifests/base.");

        var service = Assert.Single(
            Directory.EnumerateFiles(folder, "*.yaml").SelectMany(Yaml.ReadFile), json => Kind(json) == "Service" && (string)json["metadata"]!["name"]! == Interceptor);

        Assert.Contains(service["spec"]!["ports"]!.AsArray(), port => (int)port!["port"]! == 80);
    }

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
