using k8s.Models;
using Wakegate.Testing;

namespace Wakegate.Manifests.Tests;

/// <summary>What is there can be applied: each kustomization renders, and each document fits its kind.</summary>
public sealed class RenderTests
{
    public static TheoryData<string> Folders => Manifest.Folders;

    public static TheoryData<string> Installs => Manifest.Installs;

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
        Assert.Null(manifest.One<V1NetworkPolicy>("wakegate-scaler").Spec.Egress);
    }

    /// <summary>The admission policy is for all namespaces: whoever may install it adds it, as docs/installation.md says.</summary>
    [Fact(Timeout = 60_000)]
    public async Task TheOverlayForListedNamespaces_HasNothingOfTheWholeCluster()
    {
        using var changed = new ChangedManifests();
        changed.Change("overlays/namespaced/kustomization.yaml", "components:\n", "components:\n  - ../../admission\n");

        var manifest = await Manifest.OfAsync("manifests/overlays/namespaced");
        var withPolicy = await changed.RenderAsync("overlays/namespaced");

        Assert.Equal(["Namespace"], manifest.Documents.Where(document => document["metadata"]!["namespace"] is null).Select(document => (string)document["kind"]!));
        Assert.Equal(
            ["Namespace", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"],
            withPolicy.Documents.Where(document => document["metadata"]!["namespace"] is null).Select(document => (string)document["kind"]!).Order());
    }

    /// <summary>What else then names it, docs/installation.md lists.</summary>
    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Installs))]
    public async Task AnotherNamespace_IsSaidOnceForAllObjects(string folder)
    {
        using var changed = new ChangedManifests();
        changed.Change("base/kustomization.yaml", "namespace: wakegate\n", "namespace: gate\n");

        var manifest = await changed.RenderAsync(Path.GetRelativePath("manifests", folder));

        var namespaces = manifest.Documents.Select(document => (string?)document["metadata"]!["namespace"])
            .Concat(manifest.All<V1RoleBinding>().SelectMany(binding => binding.Subjects).Select(subject => subject.NamespaceProperty))
            .Concat(manifest.All<V1ClusterRoleBinding>().SelectMany(binding => binding.Subjects).Select(subject => subject.NamespaceProperty))
            .Concat(manifest.All<V1Namespace>().Select(ns => ns.Metadata.Name));
        Assert.Contains("gate", namespaces);
        Assert.DoesNotContain("wakegate", namespaces);
    }
}
