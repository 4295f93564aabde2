using System.Text.Json.Nodes;
using Wakegate.Testing;

namespace Wakegate.Manifests.Tests.Monitoring;

/// <summary>Recording rules and alerts: right, tested, and explained.</summary>
public sealed class RuleTests
{
    private const string TestFolder = "tests/Manifests.Tests/prometheus";
    private const string Runbooks = "https://github.com/wakegate/wakegate/blob/main/docs/alerts.md";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> TestFiles { get; } = [.. Directory.EnumerateFiles(Repository.PathOf(TestFolder)).Select(file => Path.GetFileName(file))];

    [Fact(Timeout = 60_000)]
    public Task EveryRule_IsValid() => PrometheusTools.PromtoolAsync(Repository.PathOf(Rule.Folder), ["check", "rules", "--lint=all", "--lint-fatal", .. Rule.Files]);

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(TestFiles))]
    public Task UnitTests_Pass(string file) => PrometheusTools.PromtoolAsync(Repository.PathOf(TestFolder), "test", "rules", file);

    [Fact]
    public void EveryAlert_IsTestedToFireAndToBeSilent()
    {
        var tests = Tests("alerts.test.yaml").SelectMany(test => test["alert_rule_test"]!.AsArray())
            .ToLookup(test => test!["exp_alerts"]!.AsArray().Count > 0, test => (string)test!["alertname"]!);

        Assert.Equal(Rule.Alerts.Select(rule => rule.Alert).Order(), tests[true].Distinct().Order());
        Assert.Equal(Rule.Alerts.Select(rule => rule.Alert).Order(), tests[false].Distinct().Order());
    }

    [Fact]
    public void EveryRecordingRule_IsTested()
    {
        var tested = Tests("recording.test.yaml").SelectMany(test => test["promql_expr_test"]!.AsArray()).Select(test => (string)test!["expr"]!).ToList();

        Assert.All(Rule.Recordings, rule => Assert.Contains(rule.Record, tested));
    }

    [Fact]
    public void EveryAlert_SaysHowBadItIsAndWhatToDo() => Assert.All(Rule.Alerts, rule =>
    {
        Assert.StartsWith("Wakegate", rule.Alert, StringComparison.Ordinal);
        Assert.Contains(rule.Severity, new[] { "critical", "warning" });
        Assert.EndsWith(".", rule.Annotation("summary")!, StringComparison.Ordinal);
        Assert.EndsWith(".", rule.Annotation("description")!, StringComparison.Ordinal);
        Assert.Equal($"{Runbooks}#{rule.Alert!.ToLowerInvariant()}", rule.Annotation("runbook_url"));
    });

    [Fact(Timeout = 60_000)]
    public async Task Runbooks_AreThoseOfTheAlerts()
    {
        var lines = await File.ReadAllLinesAsync(Repository.PathOf("docs/alerts.md"), Stop);

        var sections = lines.Where(line => line.StartsWith("## ", StringComparison.Ordinal)).Select(line => line[3..]);

        Assert.Equal(Rule.Alerts.Select(rule => rule.Alert), sections);
    }

    [Fact(Timeout = 60_000)]
    public async Task TheTableOfAlerts_IsThatOfTheRules()
    {
        var lines = await File.ReadAllLinesAsync(Repository.PathOf("docs/monitoring.md"), Stop);

        var rows = lines.Where(line => line.Contains("](alerts.md#wakegate", StringComparison.Ordinal)).Select(line => string.Join('|', line.Split('|').Take(3)).Trim());

        Assert.Equal(Rule.Alerts.Select(rule => $"| [{rule.Alert}](alerts.md#{rule.Alert!.ToLowerInvariant()}) | {rule.Severity}"), rows);
    }

    [Fact(Timeout = 60_000)]
    public async Task PrometheusRule_IsWhatTheRuleFilesSay()
    {
        var wanted = await RulesCommand.RenderAsync(Repository.PathOf(Rule.Folder), Stop);

        Assert.Equal(wanted, await File.ReadAllTextAsync(Repository.PathOf("manifests/components/monitoring/prometheusrule.yaml"), Stop));
        Assert.Equal(
            Rule.All.Select(rule => rule.Json.ToJsonString()),
            Assert.Single(Yaml.Read(wanted))["spec"]!["groups"]!.AsArray().SelectMany(group => group!["rules"]!.AsArray()).Select(rule => rule!.ToJsonString()));
    }

    private static IEnumerable<JsonNode> Tests(string file) =>
        Assert.Single(Yaml.ReadFile(Repository.PathOf(Path.Combine(TestFolder, file))))["tests"]!.AsArray().Select(test => test!);
}
