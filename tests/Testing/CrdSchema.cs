using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Wakegate.Testing;

/// <summary>
/// The CustomResourceDefinitions that other projects publish, from the folder <c>shared/schemas</c> beside the repository: what a real API
/// server checks of a manifest, except for CEL rules.
/// </summary>
public sealed class CrdSchema
{
    private const string Folder = "shared/schemas";

    private readonly Dictionary<(string ApiVersion, string Kind), JsonObject> schemas = [];

    private CrdSchema(string folder)
    {
        foreach (var crd in Directory.EnumerateFiles(folder, "*.yaml").SelectMany(Yaml.ReadFile))
        {
            var spec = crd["spec"]!;
            foreach (var version in spec["versions"]!.AsArray())
            {
                schemas[($"{spec["group"]}/{version!["name"]}", (string)spec["names"]!["kind"]!)] = version["schema"]!["openAPIV3Schema"]!.AsObject();
            }
        }
    }

    /// <summary>Why a test that needs the schemas is skipped where <see cref="Find"/> returns null.</summary>
    public const string Missing = $"There is no folder {Folder} beside the repository.";

    /// <summary>Reads the schemas, or returns null where the folder is missing.</summary>
    public static CrdSchema? Find()
    {
        var folders = Above(Environment.CurrentDirectory).Concat(Above(AppContext.BaseDirectory)).Select(folder => Path.Combine(folder, Folder));
        return folders.FirstOrDefault(Directory.Exists) is { } found ? new(found) : null;
    }

    /// <summary>Whether there is a schema for this manifest's kind.</summary>
    public bool Knows(JsonObject manifest) => schemas.ContainsKey(KindOf(manifest));

    /// <summary>What an API server would refuse, each with its path; a field that it would drop counts too.</summary>
    /// <exception cref="KeyNotFoundException">There is no schema for this kind.</exception>
    public IReadOnlyList<string> Problems(JsonObject manifest)
    {
        var schema = schemas[KindOf(manifest)];

        // Parsed anew, for a number that was built and not parsed has one .NET type only.
        return [.. Fields(JsonNode.Parse(manifest.ToJsonString())!.AsObject(), schema, "").Where(problem => !problem.StartsWith("metadata.", StringComparison.Ordinal))];
    }

    private static IEnumerable<string> Above(string folder)
    {
        for (var next = new DirectoryInfo(folder); next is not null; next = next.Parent)
        {
            yield return next.FullName;
        }
    }

    private static (string, string) KindOf(JsonObject manifest) => ((string)manifest["apiVersion"]!, (string)manifest["kind"]!);

    private static IEnumerable<string> Check(JsonNode? value, JsonNode schema, string path)
    {
        if (value is null)
        {
            return schema["nullable"] is null ? [$"{path} is null"] : [];
        }

        if (schema["x-kubernetes-int-or-string"] is not null)
        {
            return value.GetValueKind() is JsonValueKind.String || IsInteger(value) ? [] : [$"{path} is neither an integer nor a string"];
        }

        var problems = (string?)schema["type"] switch
        {
            "object" when value is JsonObject json => Fields(json, schema, path),
            "array" when value is JsonArray json => Items(json, schema, path),
            "string" when value.GetValueKind() is JsonValueKind.String => Text((string)value!, schema, path),
            "integer" when IsInteger(value) => Number(value, schema, path),
            "number" when value.GetValueKind() is JsonValueKind.Number => Number(value, schema, path),
            "boolean" when value.GetValueKind() is JsonValueKind.True or JsonValueKind.False => [],
            null => [],
            var type => [$"{path} is not of type {type}"],
        };
        var allowed = schema["enum"]?.AsArray();
        return allowed is null || allowed.Any(a => JsonNode.DeepEquals(a, value)) ? problems : problems.Append($"{path} is not one of {allowed.ToJsonString()}");
    }

    private static IEnumerable<string> Fields(JsonObject json, JsonNode schema, string path)
    {
        foreach (var required in schema["required"]?.AsArray() ?? [])
        {
            if (!json.ContainsKey((string)required!))
            {
                yield return $"{Join(path, (string)required!)} is missing";
            }
        }

        var properties = schema["properties"];
        var open = (bool?)schema["x-kubernetes-preserve-unknown-fields"] ?? false;
        foreach (var (name, value) in json)
        {
            var at = Join(path, name);
            if ((properties?[name] ?? schema["additionalProperties"]) is { } known)
            {
                foreach (var problem in Check(value, known, at))
                {
                    yield return problem;
                }
            }
            else if (!open)
            {
                yield return $"{at} is unknown";
            }
        }
    }

    private static IEnumerable<string> Items(JsonArray items, JsonNode schema, string path)
    {
        var keys = schema["x-kubernetes-list-map-keys"]?.AsArray().Select(key => (string)key!).ToList();
        var unique = keys is not null || (string?)schema["x-kubernetes-list-type"] is "set";
        var identities = items.Select(item => keys is null ? item?.ToJsonString() : string.Join('/', keys.Select(key => item![key]?.ToJsonString())));
        IEnumerable<string> own =
        [
            .. unique && identities.Distinct(StringComparer.Ordinal).Count() < items.Count ? [$"{path} has an item twice"] : Array.Empty<string>(),
            .. Bounds(items.Count, schema["minItems"], schema["maxItems"], $"{path}'s number of items"),
        ];
        return own.Concat(items.SelectMany((item, i) => Check(item, schema["items"]!, $"{path}[{i}]")));
    }

    private static IEnumerable<string> Text(string value, JsonNode schema, string path)
    {
        var pattern = (string?)schema["pattern"];
        return Bounds(value.Length, schema["minLength"], schema["maxLength"], $"{path}'s length")
            .Concat(pattern is null || Regex.IsMatch(value, pattern, RegexOptions.None, TimeSpan.FromSeconds(5)) ? [] : [$"{path} \"{value}\" does not match {pattern}"]);
    }

    private static IEnumerable<string> Number(JsonNode value, JsonNode schema, string path) =>
        Bounds(value.GetValue<decimal>(), schema["minimum"], schema["maximum"], path);

    private static IEnumerable<string> Bounds(decimal value, JsonNode? minimum, JsonNode? maximum, string what)
    {
        if (minimum?.GetValue<decimal>() > value || maximum?.GetValue<decimal>() < value)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{what} {value} is out of range");
        }
    }

    private static bool IsInteger(JsonNode value) => value is JsonValue number && number.TryGetValue<decimal>(out var read) && decimal.IsInteger(read);

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
