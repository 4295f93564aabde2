using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.Serialization;

namespace Wakegate.Testing;

/// <summary>Reads manifests as an API server gets them: as JSON, with numbers and booleans where the YAML has them unquoted.</summary>
public static class Yaml
{
    private static readonly IDeserializer Reader = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build();

    /// <summary>Every document of a file.</summary>
    public static IReadOnlyList<JsonObject> ReadFile(string file) => Read(File.ReadAllText(file));

    /// <summary>Every document of a text; empty ones are left out.</summary>
    public static IReadOnlyList<JsonObject> Read(string text)
    {
        var documents = new List<JsonObject>();
        var parser = new Parser(new StringReader(text));
        parser.Consume<StreamStart>();
        while (parser.Accept<DocumentStart>(out _))
        {
            // Through text, so that a number has one type, whatever the reader made of it.
            if (JsonNode.Parse(JsonSerializer.Serialize(Reader.Deserialize<object?>(parser))) is JsonObject json)
            {
                documents.Add(json);
            }
        }

        return documents;
    }
}
