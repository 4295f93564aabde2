using System.Text.Json.Nodes;
using Wakegate.Local.Api;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Wakegate.Local.Manifests;

/// <summary>Reads manifests: YAML files of one or more documents.</summary>
internal static class ManifestReader
{
    private const string Examples = "manifests/examples";

    /// <summary>The files given, or the examples.</summary>
    /// <exception cref="LocalException">Names every file, document and line with which something is wrong.</exception>
    public static IReadOnlyList<ManifestDocument> Read(IReadOnlyList<string> files)
    {
        var documents = new List<ManifestDocument>();
        var errors = new List<string>();
        foreach (var file in files.Count > 0 ? files : ExampleFiles())
            Read(file, documents, errors);
        return errors.Count == 0 ? documents : throw new LocalException(string.Join(Environment.NewLine, errors));
    }

    private static IReadOnlyList<string> ExampleFiles()
    {
        var root = SourceTree.FolderWith(Examples)
            ?? throw new LocalException($"There is no folder {Examples} here: run Local in the repository, or name manifests with --apply FILE.");
        return
        [
            .. Directory.EnumerateFiles(Path.Combine(root, Examples), "*.yaml").Order(StringComparer.Ordinal)
                .Select(file => Path.GetRelativePath(Environment.CurrentDirectory, file)),
        ];
    }

    private static void Read(string file, List<ManifestDocument> documents, List<string> errors)
    {
        var yaml = new YamlStream();
        Parser? parser = null;
        try
        {
            using var reader = File.OpenText(file);
            parser = new Parser(reader);
            yaml.Load(parser);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            errors.Add($"{file}: cannot be read: {failure.Message}");
            return;
        }
        catch (YamlException failure)
        {
            errors.Add($"{new ManifestPlace(file, yaml.Documents.Count + 1, failure.Start.Line)}: {failure.Message}");
            return;
        }
        catch (InvalidOperationException)
        {
            // How the parser answers to some of what is no YAML.
            errors.Add($"{new ManifestPlace(file, yaml.Documents.Count + 1, parser?.Current?.End.Line ?? 1)}: is not YAML.");
            return;
        }

        for (var i = 0; i < yaml.Documents.Count; i++)
            Read(new(file, i + 1, yaml.Documents[i].RootNode.Start.Line), yaml.Documents[i].RootNode, documents, errors);
    }

    private static void Read(ManifestPlace place, YamlNode root, List<ManifestDocument> documents, List<string> errors)
    {
        try
        {
            // Two "---" in a row: an empty document says nothing.
            if (YamlJson.Of(root) is not { } json)
                return;
            var document = json is JsonObject fields ? new ManifestDocument(place, fields) : null;
            if (Refuse(document) is { } problem)
                errors.Add($"{place}: {problem}");
            else
                documents.Add(document!);
        }
        catch (YamlException failure)
        {
            errors.Add($"{place with { Line = failure.Start.Line }}: {failure.Message}");
        }
    }

    private static string? Refuse(ManifestDocument? document) =>
        document is null ? "is not an object: write apiVersion, kind and metadata."
        : document.Kind.Length == 0 || document.ApiVersion.Length == 0 ? "has no kind or no apiVersion: write both."
        : document.Name.Length == 0 ? $"{document.Kind} has no name: write metadata.name."
        : ManifestKinds.Find(document) is null ? $"{document.Kind} ({document.ApiVersion}) is not served here: Local takes {ManifestKinds.Names}."
        : null;
}

/// <summary>Which of the API's kinds a document is.</summary>
internal static class ManifestKinds
{
    public static string Names { get; } = string.Join(", ", ResourceKinds.All.Select(kind => $"{kind.Kind} ({kind.ApiVersion})"));

    public static ResourceKind? Find(ManifestDocument document) =>
        ResourceKinds.All.FirstOrDefault(kind => kind.ApiVersion == document.ApiVersion && kind.Kind == document.Kind);
}
