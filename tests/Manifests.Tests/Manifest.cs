using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using k8s;
using k8s.Models;
using Wakegate.Local;
using Wakegate.Local.Manifests;
using Wakegate.Testing;
using YamlDotNet.RepresentationModel;

namespace Wakegate.Manifests.Tests;

/// <summary>A kustomization of manifests/, rendered as a user's kubectl does it.</summary>
internal sealed class Manifest
{
    private static readonly JsonSerializerOptions Strict = new() { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    private static readonly ConcurrentDictionary<string, Task<Manifest>> Known = new(StringComparer.Ordinal);

    private static readonly FrozenDictionary<(string Version, string Kind), Type> Models = (
        from type in typeof(V1Pod).Assembly.GetTypes()
        let entity = type.GetCustomAttribute<KubernetesEntityAttribute>()
        where entity is not null && !type.Name.EndsWith("List", StringComparison.Ordinal)
        group type by (entity.Group is { Length: > 0 } named ? $"{named}/{entity.ApiVersion}" : entity.ApiVersion, entity.Kind))
        .ToFrozenDictionary(types => types.Key, types => types.First());

    private Manifest(IReadOnlyList<JsonObject> documents) => Documents = documents;

    public static string Root { get; } = SourceTree.FolderWith("Wakegate.slnx")!;

    /// <summary>Every folder that can be applied, as a path from the root.</summary>
    public static TheoryData<string> Folders { get; } =
    [
        .. Directory.EnumerateFiles(Path.Combine(Root, "manifests"), "kustomization.yaml", SearchOption.AllDirectories)
            .Where(file => File.ReadLines(file).Contains("kind: Kustomization"))
            .Select(file => Path.GetRelativePath(Root, Path.GetDirectoryName(file)!))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Those of them that are a whole install.</summary>
    public static TheoryData<string> Installs { get; } =
        ["manifests", .. Directory.EnumerateDirectories(Path.Combine(Root, "manifests/overlays")).Select(folder => Path.GetRelativePath(Root, folder)).Order(StringComparer.Ordinal)];

    public IReadOnlyList<JsonObject> Documents { get; }

    /// <summary>Renders a folder; once in a run is enough, so a result is kept.</summary>
    public static Task<Manifest> OfAsync(string folder) => Known.GetOrAdd(folder, RenderAsync);

    public static IEnumerable<JsonObject> Parse(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return stream.Documents.Select(document => YamlJson.Of(document.RootNode)!.AsObject());
    }

    /// <summary>A document as the official client's model of its kind; what the kind does not know, or knows as another type, throws.</summary>
    public static object Model(JsonObject document)
    {
        var key = ((string)document["apiVersion"]!, (string)document["kind"]!);
        Assert.True(Models.TryGetValue(key, out var type), $"{key} is no kind of Kubernetes.");
        return document.Deserialize(type!, Strict)!;
    }

    /// <summary>Whether a document's kind is not Kubernetes's own, but the Prometheus operator's.</summary>
    public static bool IsOfTheOperator(JsonObject document) => ((string)document["apiVersion"]!).StartsWith("monitoring.coreos.com/", StringComparison.Ordinal);

    /// <summary>All objects of a kind.</summary>
    public IReadOnlyList<T> All<T>()
        where T : IKubernetesObject<V1ObjectMeta> => [.. Documents.Where(document => !IsOfTheOperator(document)).Select(Model).OfType<T>()];

    public T One<T>(string name)
        where T : IKubernetesObject<V1ObjectMeta> => Assert.Single(All<T>(), item => item.Metadata.Name == name);

    private static async Task<Manifest> RenderAsync(string folder)
    {
        using var kubectl = Kubectl.For(new("http://127.0.0.1:1"));
        return new([.. Parse(await kubectl.RunAsync("kustomize", Path.Combine(Root, folder)))]);
    }
}
