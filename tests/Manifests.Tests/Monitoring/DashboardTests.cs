using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using k8s.Models;
using Wakegate.Manifests.Dashboards;

namespace Wakegate.Manifests.Tests.Monitoring;

/// <summary>What Grafana is given: current, complete, and readable at three in the morning.</summary>
public sealed partial class DashboardTests
{
    public static TheoryData<string> Names { get; } = [.. Dashboard.All.Select(dashboard => dashboard.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void EachFile_IsWhatTheCodeWrites(string name) =>
        Assert.Equal(Dashboard.All.Single(dashboard => dashboard.Name == name).Write(), File.ReadAllText(DashboardFile.PathOf(name)));

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryPanel_SaysWhatItShows(string name) => Assert.All(Of(name).Panels, panel =>
    {
        Assert.NotEmpty((string)panel["title"]!);
        Assert.EndsWith(".", (string)panel["description"]!, StringComparison.Ordinal);
        Assert.NotEmpty((string)panel["fieldConfig"]!["defaults"]!["unit"]!);
    });

    [Theory]
    [MemberData(nameof(Names))]
    public void Panels_HaveIdsAndPlacesOfTheirOwn(string name)
    {
        var panels = Of(name).Json["panels"]!.AsArray();
        var cells = panels.Select(panel => panel!["gridPos"]!).SelectMany(Cells).ToList();

        Assert.Equal(panels.Count, panels.Select(panel => (int)panel!["id"]!).Distinct().Count());
        Assert.Equal(cells.Count, cells.Distinct().Count());
        Assert.All(cells, cell => Assert.InRange(cell.X, 0, 23));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryQuery_GoesToTheChosenDataSource(string name)
    {
        var file = Of(name);
        var queries = file.Panels.Where(panel => panel["type"]!.ToString() != "alertlist").SelectMany(panel => DashboardFile.Targets(panel).Append(panel))
            .Concat(file.Variables.Where(variable => (string)variable["type"]! == "query"));

        Assert.All(queries, query => Assert.Equal("${datasource}", (string)query["datasource"]!["uid"]!));
        Assert.Equal(("datasource", "datasource", "prometheus"), (Text(file.Variables.First(), "name"), Text(file.Variables.First(), "type"), Text(file.Variables.First(), "query")));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Queries_UseKnownVariablesOnly(string name)
    {
        var file = Of(name);
        var known = file.Variables.Select(variable => Text(variable, "name")!)
            .Concat(["__range", "__interval", "__interval_ms", "__rate_interval"]);

        var used = file.Queries.SelectMany(query => VariablePattern().Matches(query)).Select(match => match.Groups["name"].Value);

        Assert.Subset(known.ToHashSet(), used.ToHashSet());
    }

    [Fact]
    public void ARowOfTheOverview_LeadsToItsRoute()
    {
        var table = Assert.Single(Of("overview").Panels, panel => (string)panel["type"]! == "table");

        var link = table["fieldConfig"]!["overrides"]!.AsArray()
            .Where(o => (string)o!["matcher"]!["options"]! == "route").Select(o => (string)o!["properties"]![0]!["value"]![0]!["url"]!);

        var parts = Assert.Single(link).Split('?');
        Assert.Equal($"/d/{Of("route").Uid}", parts[0]);
        Assert.Equal(
            ["${datasource:queryparam}", "var-namespace=${__data.fields.namespace}", "var-route=${__data.fields.route}", "${__url_time_range}"], parts[1].Split('&'));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Links_LeadToAllOtherDashboardsAndKeepTheTime(string name)
    {
        var links = Of(name).Json["links"]!.AsArray();

        Assert.Equal(
            DashboardFile.All.Where(other => other.Name != name).Select(other => $"/d/{other.Uid}?${{datasource:queryparam}}"), links.Select(link => (string)link!["url"]!));
        Assert.All(links, link => Assert.True((bool)link!["keepTime"]!));
    }

    [Fact(Timeout = 60_000)]
    public async Task ConfigMaps_HaveTheFilesAndWhatGrafanasSidecarLooksFor()
    {
        var maps = (await Manifest.OfAsync("manifests/overlays/monitoring")).All<V1ConfigMap>();

        Assert.Equal(
            DashboardFile.All.Select(file => ($"{file.Name}.json", File.ReadAllText(DashboardFile.PathOf(file.Name)))).Order(),
            maps.Select(map => (Assert.Single(map.Data).Key, map.Data.Values.Single())).Order());
        Assert.All(maps, map =>
        {
            Assert.Equal(("wakegate", "1", "Wakegate"), (map.Metadata.NamespaceProperty, map.Metadata.Labels["grafana_dashboard"], map.Metadata.Annotations["grafana_folder"]));
            // kubectl notes the whole object, as JSON, in an annotation of at most 256 KiB.
            Assert.InRange(k8s.KubernetesJson.Serialize(map).Length, 1, 250_000);
        });
    }

    private static DashboardFile Of(string name) => DashboardFile.All.Single(file => file.Name == name);

    private static string? Text(JsonNode node, string name) => (string?)node[name];

    private static IEnumerable<(int X, int Y)> Cells(JsonNode place) =>
        from x in Enumerable.Range((int)place["x"]!, (int)place["w"]!)
        from y in Enumerable.Range((int)place["y"]!, (int)place["h"]!)
        select (x, y);

    // Not $1, which is label_replace's.
    [GeneratedRegex(@"\$\{?(?<name>[a-z_]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex VariablePattern();
}
