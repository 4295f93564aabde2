using System.Text.Json.Nodes;
using Wakegate.Manifests.Dashboards;

namespace Wakegate.Manifests.Tests.Monitoring;

/// <summary>A dashboard as Grafana reads it.</summary>
/// <param name="Name">The file's, without extension.</param>
/// <param name="Json">Its content.</param>
internal sealed record DashboardFile(string Name, JsonObject Json)
{
    public const string Folder = "manifests/dashboards";

    public static IReadOnlyList<DashboardFile> All { get; } =
        [.. Dashboard.All.Select(dashboard => new DashboardFile(dashboard.Name, JsonNode.Parse(File.ReadAllText(PathOf(dashboard.Name)))!.AsObject()))];

    public string Uid => (string)Json["uid"]!;

    /// <summary>Rows left out.</summary>
    public IEnumerable<JsonNode> Panels => Json["panels"]!.AsArray().Where(panel => (string)panel!["type"]! != "row").Select(panel => panel!);

    public IEnumerable<JsonNode> Variables => Json["templating"]!["list"]!.AsArray().Select(variable => variable!);

    /// <summary>Every query, of panels and of variables.</summary>
    public IEnumerable<string> Queries => Panels.SelectMany(Targets).Select(target => (string)target["expr"]!)
        .Concat(Variables.Select(variable => (string?)variable["definition"]).OfType<string>());

    public static string PathOf(string name) => Repository.PathOf(Path.Combine(Folder, $"{name}.json"));

    public static IEnumerable<JsonNode> Targets(JsonNode panel) => panel["targets"]?.AsArray().Select(target => target!) ?? [];
}
