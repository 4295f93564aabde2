using System.Text.Json.Nodes;
using k8s.Models;
using Wakegate.Testing;

namespace Wakegate.Manifests.Tests.Monitoring;

/// <summary>How Prometheus finds both services, with its operator and without.</summary>
public sealed class ScrapeTests
{
    private const string Overlay = "manifests/overlays/monitoring";

    private static string PlainConfiguration => Repository.PathOf(Path.Combine(Rule.Folder, "scrape.yaml"));

    [Fact(Timeout = 60_000)]
    public async Task PodMonitors_FindThePortOfEachService()
    {
        var manifest = await Manifest.OfAsync(Overlay);

        var found = PodMonitors(manifest).Select(monitor => (Job(manifest, monitor), Port(manifest, monitor)));

        Assert.Equal([("wakegate-interceptor", 8081), ("wakegate-scaler", 9091)], found.Order());
    }

    /// <summary>Without it, what is told of a ScaledObject's namespace would be told of Wakegate's own.</summary>
    [Fact(Timeout = 60_000)]
    public async Task LabelsOfTheServices_AreHonoured()
    {
        var manifest = await Manifest.OfAsync(Overlay);

        Assert.All(PodMonitors(manifest), monitor => Assert.True((bool)Endpoint(monitor)["honorLabels"]!));
        Assert.All(Assert.Single(Yaml.ReadFile(PlainConfiguration))["scrape_configs"]!.AsArray(), scrape => Assert.True((bool)scrape!["honor_labels"]!));
    }

    [Fact(Timeout = 60_000)]
    public async Task PodsOfTheOverlay_AreScrapedOnce()
    {
        var manifest = await Manifest.OfAsync(Overlay);

        var annotations = manifest.All<V1Deployment>().SelectMany(deployment => deployment.Spec.Template.Metadata.Annotations?.Keys ?? []);

        Assert.DoesNotContain("prometheus.io/scrape", annotations);
    }

    [Fact(Timeout = 60_000)]
    public async Task ThePlainConfiguration_IsValid()
    {
        // Debian's promtool is built without Kubernetes.
        var folder = Directory.CreateTempSubdirectory("wakegate-promtool");
        var configuration = Assert.Single(Yaml.ReadFile(PlainConfiguration));
        Assert.True(configuration["scrape_configs"]![0]!.AsObject().Remove("kubernetes_sd_configs"));
        foreach (var file in Rule.Files)
            File.Copy(Repository.PathOf(Path.Combine(Rule.Folder, file)), Path.Combine(folder.FullName, file));
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "prometheus.json"), configuration.ToJsonString(), TestContext.Current.CancellationToken);

        var said = await PrometheusTools.PromtoolAsync(folder.FullName, "check", "config", "prometheus.json");
        folder.Delete(recursive: true);

        Assert.Contains("2 rule files found", said, StringComparison.Ordinal);
    }

    private static IEnumerable<JsonObject> PodMonitors(Manifest manifest) => manifest.Documents.Where(document => (string)document["kind"]! == "PodMonitor");

    private static JsonNode Endpoint(JsonObject monitor) => Assert.Single(monitor["spec"]!["podMetricsEndpoints"]!.AsArray())!;

    private static string Job(Manifest manifest, JsonObject monitor) => Pods(manifest, monitor).Metadata.Labels[(string)monitor["spec"]!["jobLabel"]!];

    private static int Port(Manifest manifest, JsonObject monitor) =>
        Assert.Single(Pods(manifest, monitor).Spec.Containers.SelectMany(container => container.Ports), port => port.Name == (string)Endpoint(monitor)["port"]!).ContainerPort;

    private static V1PodTemplateSpec Pods(Manifest manifest, JsonObject monitor) => Assert.Single(
        manifest.All<V1Deployment>().Where(deployment => deployment.Metadata.NamespaceProperty == (string)monitor["metadata"]!["namespace"]!).Select(d => d.Spec.Template),
        pods => monitor["spec"]!["selector"]!["matchLabels"]!.AsObject().All(wanted => pods.Metadata.Labels[wanted.Key] == (string)wanted.Value!));
}
