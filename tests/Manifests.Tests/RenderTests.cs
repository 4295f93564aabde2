using Wakegate.Testing;

namespace Wakegate.Manifests.Tests;

/// <summary>What is there can be applied: each kustomization renders, and each document fits its kind.</summary>
public sealed class RenderTests
{
    public static TheoryData<string> Folders => Manifest.Folders;

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Folders))]
    public async Task EveryKustomization_RendersToObjectsOfKnownKindsAndFields(string folder)
    {
        var manifest = await Manifest.OfAsync(folder);

        Assert.NotEmpty(manifest.Documents);
        Assert.All(manifest.Documents.Where(document => !Manifest.IsOfTheOperator(document)), document => Manifest.Model(document));
    }

    [Fact(Timeout = 60_000)]
    public async Task KindsOfThePrometheusOperator_FitTheirSchemas()
    {
        var schemas = CrdSchema.Find();
        Assert.SkipWhen(schemas is null, CrdSchema.Missing);
        var documents = (await Manifest.OfAsync("manifests/overlays/monitoring")).Documents.Where(Manifest.IsOfTheOperator).ToList();

        Assert.Equal(["PodMonitor", "PodMonitor", "PrometheusRule"], documents.Select(document => (string)document["kind"]!).Order());
        Assert.All(documents, document => Assert.Empty(schemas!.Problems(document)));
    }

    [Fact]
    public void EveryBuiltInKindOfTheExamples_FitsItsKind()
    {
        var documents = Directory.EnumerateFiles(Path.Combine(Manifest.Root, "manifests/examples"), "*.yaml")
            .SelectMany(file => Manifest.Parse(File.ReadAllText(file)))
            .Where(document => (string?)document["kind"] != "ScaledObject")
            .ToList();

        Assert.NotEmpty(documents);
        Assert.All(documents, document => Manifest.Model(document));
    }

    [Fact]
    public void AFieldThatTheKindDoesNotHave_IsNoticed()
    {
        var document = Assert.Single(Manifest.Parse("{apiVersion: v1, kind: Service, metadata: {name: shop}, spec: {port: 80}}"));

        Assert.Throws<System.Text.Json.JsonException>(() => Manifest.Model(document));
    }

    [Fact(Timeout = 60_000)]
    public async Task InstallYaml_IsTheRenderedBase()
    {
        // Says so where there is no kubectl.
        Kubectl.For(new("http://127.0.0.1:1")).Dispose();

        var wanted = await InstallCommand.RenderAsync(Path.Combine(Manifest.Root, "manifests"), TestContext.Current.CancellationToken);

        Assert.Equal(wanted, await File.ReadAllTextAsync(Path.Combine(Manifest.Root, "manifests/install.yaml"), TestContext.Current.CancellationToken));
    }

    [Fact(Timeout = 60_000)]
    public async Task TheOverlayForOlderKubernetes_HasNoAdmissionPolicyAndAllElse()
    {
        var current = await Manifest.OfAsync("manifests");
        var older = await Manifest.OfAsync("manifests/overlays/kubernetes-1.27");

        Assert.Equal(
            current.Documents.Where(document => !((string)document["kind"]!).StartsWith("ValidatingAdmission", StringComparison.Ordinal)).Select(d => d.ToJsonString()),
            older.Documents.Select(d => d.ToJsonString()));
    }

    [Fact(Timeout = 60_000)]
    public async Task TheOverlayForAnExistingRedis_HasNothingOfOurs()
    {
        var manifest = await Manifest.OfAsync("manifests/overlays/existing-redis");

        Assert.DoesNotContain(manifest.Documents, document => (string?)document["metadata"]!["name"] == "wakegate-redis");
        Assert.Null(manifest.One<k8s.Models.V1NetworkPolicy>("wakegate-scaler").Spec.Egress);
    }
}
