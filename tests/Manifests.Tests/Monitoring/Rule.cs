using System.Text.Json.Nodes;
using Wakegate.Testing;

namespace Wakegate.Manifests.Tests.Monitoring;

/// <summary>A rule of manifests/prometheus.</summary>
/// <param name="Json">As it stands there.</param>
internal sealed record Rule(JsonObject Json)
{
    public const string Folder = "manifests/prometheus";

    public static IReadOnlyList<string> Files { get; } = ["recording.yaml", "alerts.yaml"];

    public static IReadOnlyList<Rule> All { get; } =
    [
        .. Files.SelectMany(file => Yaml.ReadFile(Repository.PathOf(Path.Combine(Folder, file))))
            .SelectMany(json => json["groups"]!.AsArray())
            .SelectMany(group => group!["rules"]!.AsArray())
            .Select(rule => new Rule(rule!.AsObject())),
    ];

    public static IEnumerable<Rule> Alerts => All.Where(rule => rule.Alert is not null);

    public static IEnumerable<Rule> Recordings => All.Where(rule => rule.Alert is null);

    public string? Alert => (string?)Json["alert"];

    public string? Record => (string?)Json["record"];

    public string? Severity => (string?)Json["labels"]?["severity"];

    public string? Annotation(string name) => (string?)Json["annotations"]?[name];
}
