using System.Text.Json.Nodes;
using Wakegate.Local.Manifests;
using YamlDotNet.RepresentationModel;

namespace Wakegate.Local.Tests.Manifests;

/// <summary>The examples beside the CustomResourceDefinition that KEDA publishes: a real cluster takes them.</summary>
public sealed class ScaledObjectSchemaTests
{
    private const string Crd = "shared/schemas/keda.sh_scaledobjects.yaml";

    [Fact]
    public void TheExamples_FitKedasSchema()
    {
        var folder = SourceTree.FolderWith(Crd);
        Assert.SkipWhen(folder is null, $"There is no {Crd} above the working directory.");
        var schema = SchemaOf(Path.Combine(folder!, Crd));

        var scaledObjects = ManifestReader.Read([]).Where(document => document.Kind == "ScaledObject").ToList();

        Assert.Equal(2, scaledObjects.Count);
        Assert.All(scaledObjects, document => Assert.Empty(Problems(document.Json["spec"], schema["properties"]!["spec"]!, "spec")));
    }

    private static JsonNode SchemaOf(string file)
    {
        var yaml = new YamlStream();
        using var reader = File.OpenText(file);
        yaml.Load(reader);
        return YamlJson.Of(yaml.Documents[0].RootNode)!["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!;
    }

    private static IEnumerable<string> Problems(JsonNode? value, JsonNode schema, string path) => (string?)schema["type"] switch
    {
        "object" when value is JsonObject json => ObjectProblems(json, schema, path),
        "array" when value is JsonArray json => json.SelectMany((item, i) => Problems(item, schema["items"]!, $"{path}[{i}]")),
        "string" when value?.GetValueKind() is System.Text.Json.JsonValueKind.String => [],
        "integer" when value is JsonValue number && number.TryGetValue<long>(out _) => [],
        "boolean" when value?.GetValueKind() is System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False => [],
        var type => [$"{path} is not of type {type}"],
    };

    private static IEnumerable<string> ObjectProblems(JsonObject json, JsonNode schema, string path)
    {
        foreach (var required in schema["required"]?.AsArray() ?? [])
        {
            if (!json.ContainsKey((string)required!))
                yield return $"{path}.{required} is missing";
        }

        foreach (var (name, value) in json)
        {
            var known = schema["properties"]?[name] ?? schema["additionalProperties"];
            foreach (var problem in known is null ? [$"{path}.{name} is unknown"] : Problems(value, known, $"{path}.{name}"))
                yield return problem;
        }
    }
}
