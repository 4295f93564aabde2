using Wakegate.Testing;

namespace Wakegate.Manifests.Tests.Monitoring;

/// <summary>Dashboards and rules name the metrics that there are, and leave none out.</summary>
public sealed class MetricNameTests
{
    private static readonly IReadOnlyDictionary<string, string> Documented = DocumentedMetrics.Read(Repository.PathOf("docs/metrics.md"));

    [Fact]
    public void RulesAndDashboards_NameOnlyDocumentedMetrics()
    {
        var queries = DashboardFile.All.SelectMany(file => file.Queries).Concat(Rule.All.Select(rule => (string)rule.Json["expr"]!));

        Assert.Subset(Documented.Keys.ToHashSet(), queries.SelectMany(MetricsOf).ToHashSet());
    }

    [Fact]
    public void EveryDocumentedMetric_IsOnADashboard()
    {
        var shown = DashboardFile.All.SelectMany(file => file.Panels).SelectMany(DashboardFile.Targets).SelectMany(target => MetricsOf((string)target["expr"]!));

        Assert.Equal(Documented.Keys.Order(), shown.Distinct().Order());
    }

    [Fact]
    public void RecordedNames_AreThoseOfRecordingRules()
    {
        var recorded = Rule.Recordings.Select(rule => rule.Record!).ToList();
        var used = Rule.Alerts.SelectMany(rule => ((string)rule.Json["expr"]!).Split(' ', '\n', '(', '{', '[')).Where(word => word.Contains(':', StringComparison.Ordinal));

        Assert.Subset(recorded.ToHashSet(), used.ToHashSet());
    }

    private static IEnumerable<string> MetricsOf(string query) => DocumentedMetrics.Named(query).Select(series => DocumentedMetrics.Of(Documented, series));
}
