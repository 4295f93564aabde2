using System.Text.Json.Nodes;

namespace Wakegate.Manifests.Dashboards;

/// <summary>The few kinds of panels that the dashboards consist of.</summary>
internal static class Panels
{
    /// <summary>One number, now or over the time range.</summary>
    public static Panel Stat(string title, string description, string unit, Thresholds thresholds, params Query[] queries) => new("stat", title, description)
    {
        Width = 3,
        Height = 4,
        Unit = unit,
        Thresholds = thresholds,
        Queries = queries,
        Instant = true,
        Mappings = [Nothing()],
        Options = new()
        {
            ["colorMode"] = "value",
            ["graphMode"] = "none",
            ["justifyMode"] = "center",
            ["textMode"] = queries is [{ Legend: "" }] ? "value" : "value_and_name",
            ["reduceOptions"] = LastValue(),
        },
    };

    /// <summary>Lines over time.</summary>
    public static Panel Lines(string title, string description, string unit, params Query[] queries) => new("timeseries", title, description)
    {
        Unit = unit,
        Queries = queries,
        Custom = new() { ["drawStyle"] = "line", ["lineWidth"] = 1, ["fillOpacity"] = 5, ["showPoints"] = "never", ["spanNulls"] = false, ["axisSoftMin"] = 0 },
        Options = GraphOptions(),
    };

    /// <summary>Areas over time that add up.</summary>
    public static Panel Stack(string title, string description, string unit, params Query[] queries)
    {
        var panel = Lines(title, description, unit, queries);
        panel.Custom!["fillOpacity"] = 40;
        panel.Custom["stacking"] = new JsonObject { ["mode"] = "normal", ["group"] = "A" };
        return panel;
    }

    /// <summary>Bars that add up: how often something happened in each step. The steps are long enough for a scrape a minute.</summary>
    public static Panel Bars(string title, string description, params Query[] queries)
    {
        var panel = Stack(title, description, "short", queries) with { Decimals = 0, Interval = "2m" };
        panel.Custom!["drawStyle"] = "bars";
        panel.Custom["fillOpacity"] = 80;
        return panel;
    }

    /// <summary>Points over time, for what happens rarely.</summary>
    public static Panel Points(string title, string description, string unit, params Query[] queries)
    {
        var panel = Lines(title, description, unit, queries) with { Interval = "2m" };
        panel.Custom!["drawStyle"] = "points";
        panel.Custom["showPoints"] = "always";
        panel.Custom["pointSize"] = 6;
        return panel;
    }

    /// <summary>How often which durations occurred.</summary>
    public static Panel Heatmap(string title, string description, params Query[] queries) => new("heatmap", title, description)
    {
        Unit = "short",
        Queries = queries,
        Format = "heatmap",
        Interval = "2m",
        Options = new()
        {
            ["calculate"] = false,
            ["cellGap"] = 1,
            ["color"] = new JsonObject { ["mode"] = "scheme", ["scheme"] = "Oranges", ["fill"] = "dark-orange", ["steps"] = 64, ["exponent"] = 0.5, ["reverse"] = false },
            ["filterValues"] = new JsonObject { ["le"] = 1e-9 },
            ["legend"] = new JsonObject { ["show"] = true },
            ["rowsFrame"] = new JsonObject { ["layout"] = "auto" },
            ["tooltip"] = new JsonObject { ["mode"] = "single", ["yHistogram"] = true },
            ["yAxis"] = new JsonObject { ["unit"] = "s" },
        },
    };

    /// <summary>In which state something was when.</summary>
    public static Panel Timeline(string title, string description, JsonArray states, params Query[] queries) => new("state-timeline", title, description)
    {
        Width = 24,
        Queries = queries,
        Mappings = states,
        Thresholds = Thresholds.Plain,
        Custom = new() { ["fillOpacity"] = 80, ["lineWidth"] = 0 },
        Options = new()
        {
            ["mergeValues"] = true,
            ["perPage"] = 20,
            ["rowHeight"] = 0.9,
            ["showValue"] = "auto",
            ["legend"] = Legend(),
            ["tooltip"] = new JsonObject { ["mode"] = "single", ["sort"] = "none" },
        },
    };

    /// <summary>Those of our alerts that fire or are about to.</summary>
    public static Panel Alerts() => new("alertlist", "Alerts", "Wakegate's alerts that fire or are pending. Each has a runbook in docs/alerts.md, which its details link to.")
    {
        Width = 12,
        Height = 6,
        Options = new()
        {
            ["alertName"] = "Wakegate",
            ["dashboardAlerts"] = false,
            ["groupMode"] = "default",
            ["maxItems"] = 20,
            ["sortOrder"] = 3,
            ["stateFilter"] = new JsonObject { ["firing"] = true, ["pending"] = true, ["error"] = true, ["noData"] = false, ["normal"] = false, ["recovering"] = true },
            ["viewMode"] = "list",
        },
    };

    /// <summary>Texts for values.</summary>
    public static JsonObject Mapping(params (double Value, string Text, string Colour)[] values)
    {
        var options = new JsonObject();
        foreach (var ((value, text, colour), index) in values.Select((value, index) => (value, index)))
            options[value.ToString(System.Globalization.CultureInfo.InvariantCulture)] = new JsonObject { ["text"] = text, ["color"] = colour, ["index"] = index };
        return new() { ["type"] = "value", ["options"] = options };
    }

    /// <summary>Zero divided by zero: there was nothing.</summary>
    public static JsonObject Nothing() =>
        new() { ["type"] = "special", ["options"] = new JsonObject { ["match"] = "nan", ["result"] = new JsonObject { ["text"] = "–", ["color"] = "text" } } };

    public static JsonObject LastValue() => new() { ["calcs"] = new JsonArray("lastNotNull"), ["fields"] = "", ["values"] = false };

    private static JsonObject GraphOptions() => new()
    {
        ["legend"] = Legend(),
        ["tooltip"] = new JsonObject { ["mode"] = "multi", ["sort"] = "desc" },
    };

    private static JsonObject Legend() => new() { ["displayMode"] = "list", ["placement"] = "bottom", ["showLegend"] = true, ["calcs"] = new JsonArray() };
}
