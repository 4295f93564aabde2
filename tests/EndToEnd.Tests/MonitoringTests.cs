using System.Text.RegularExpressions;
using Wakegate.EndToEnd.Tests.Live;
using Wakegate.Testing;

namespace Wakegate.EndToEnd.Tests;

/// <summary>Dashboards, rules and the list of metrics beside a system that a real Prometheus watches.</summary>
public sealed partial class MonitoringTests(MonitoredSystem system) : IClassFixture<MonitoredSystem>
{
    [Fact(Timeout = 240_000)]
    public async Task EveryQueryOfEveryPanel_HasData()
    {
        var prometheus = await system.PrometheusAsync();

        await AllAsync(DashboardQuery.All(route: "shop"), query => query.ToString(), async query => query.Instant
            ? (await prometheus.QueryAsync(query.Expression)).Any(sample => double.IsFinite(sample.Value))
            : await prometheus.PointsAsync(query.Expression) > 0);
    }

    /// <summary>Its series begins with it, so that <c>increase</c> alone would see nothing.</summary>
    [Fact(Timeout = 240_000)]
    public async Task TheFirstWakeUp_IsCounted()
    {
        var prometheus = await system.PrometheusAsync();
        var wakeUps = DashboardQuery.All(route: "shop").Single(query => query is { Panel: "Wakegate / Overview: Wake-ups", Instant: true });

        await Eventually.TrueAsync(async () => await prometheus.QueryAsync(wakeUps.Expression) is [{ Value: 1 }]);
    }

    [Fact(Timeout = 240_000)]
    public async Task EveryVariable_HasValues()
    {
        var prometheus = await system.PrometheusAsync();

        await AllAsync(DashboardQuery.Variables(route: "shop"), variable => variable.ToString(), async variable =>
            (await prometheus.LabelValuesAsync(variable.Label, variable.Selector)).Count > 0);
    }

    /// <summary>An alert has nothing to say while all is well, but everything that it looks at must be there.</summary>
    [Fact(Timeout = 240_000)]
    public async Task EveryRule_IsEvaluatedAndEverySelectorHasData()
    {
        var prometheus = await system.PrometheusAsync();
        await AllAsync(await prometheus.RulesAsync(), rule => (string)rule["name"]!, async rule =>
            (await prometheus.RulesAsync()).Any(now => (string)now["name"]! == (string)rule["name"]! && (string)now["health"]! == "ok"));

        var rules = await prometheus.RulesAsync();
        var selectors = rules.SelectMany(rule => SelectorPattern().Matches((string)rule["query"]!)).Select(match => match.Value).Distinct();

        Assert.Equal(PrometheusServer.RuleFiles.SelectMany(Yaml.ReadFile).SelectMany(file => file["groups"]!.AsArray()).Sum(group => group!["rules"]!.AsArray().Count), rules.Count);
        Assert.All(rules, rule => Assert.Null(rule["lastError"]));
        await AllAsync(selectors, selector => selector, async selector => (await prometheus.QueryAsync(selector)).Count > 0);
        await AllAsync(
            rules.Where(rule => (string)rule["type"]! == "recording"), rule => (string)rule["name"]!, async rule => (await prometheus.QueryAsync((string)rule["name"]!)).Count > 0);
    }

    [Fact(Timeout = 240_000)]
    public async Task MetricsThatAreExported_AreThoseOfTheDocs()
    {
        var prometheus = await system.PrometheusAsync();
        var documented = DocumentedMetrics.Read(Path.Combine(Repository.Root, "docs/metrics.md"));

        await AllAsync(documented.Keys, name => name, async name => (await ExportedAsync()).Contains(name));

        Assert.Equal(documented.Keys.Order(), (await ExportedAsync()).Order());

        async Task<IEnumerable<string>> ExportedAsync() => (await prometheus.LabelValuesAsync("__name__"))
            .Where(name => name is not ("up" or "ALERTS" or "ALERTS_FOR_STATE") && !name.StartsWith("scrape_", StringComparison.Ordinal) && !name.Contains(':', StringComparison.Ordinal))
            .Select(name => DocumentedMetrics.Of(documented, name)).Distinct();
    }

    /// <summary>All must hold in the end; it says which do not.</summary>
    private static async Task AllAsync<T>(IEnumerable<T> items, Func<T, string> name, Func<T, Task<bool>> holdsAsync)
    {
        var left = items.ToList();
        Assert.NotEmpty(left);
        try
        {
            await Eventually.TrueAsync(async () =>
            {
                foreach (var item in left.ToList())
                {
                    if (await holdsAsync(item))
                        left.Remove(item);
                }

                return left.Count == 0;
            });
        }
        catch (TimeoutException)
        {
            Assert.Fail(string.Join('\n', left.Select(name).Prepend("Without data:")));
        }
    }

    [GeneratedRegex(@"[a-z_:]*wakegate_[a-z_:0-9]+(\{[^}]*\})?", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SelectorPattern();
}
