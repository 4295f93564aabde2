using System.Text.Json.Nodes;

namespace Wakegate.Manifests.Dashboards;

/// <summary>One panel.</summary>
/// <param name="Type">Grafana's name of the visualization.</param>
/// <param name="Title">What it shows.</param>
/// <param name="Description">What that means, and what to think of a value.</param>
internal sealed record Panel(string Type, string Title, string Description)
{
    /// <summary>Of 24 columns.</summary>
    public int Width { get; init; } = 8;

    public int Height { get; init; } = 8;

    public IReadOnlyList<Query> Queries { get; init; } = [];

    /// <summary>Whether one value is asked for, at the end of the time range.</summary>
    public bool Instant { get; init; }

    /// <summary>What the query's answer is made into: <c>time_series</c>, <c>table</c> or <c>heatmap</c>.</summary>
    public string Format { get; init; } = "time_series";

    /// <summary>The shortest step of a graph.</summary>
    public string? Interval { get; init; }

    public string Unit { get; init; } = "short";

    public int? Decimals { get; init; }

    /// <summary>From which value on a colour holds; the first is for all below.</summary>
    public Thresholds Thresholds { get; init; } = Thresholds.None;

    /// <summary>Texts in place of values.</summary>
    public JsonArray Mappings { get; init; } = [];

    /// <summary>Settings of the visualization for each series.</summary>
    public JsonObject? Custom { get; init; }

    public JsonObject Options { get; init; } = [];

    /// <summary>Settings of single series or columns.</summary>
    public IReadOnlyList<Override> Overrides { get; init; } = [];

    public JsonArray Transformations { get; init; } = [];

    /// <summary>The panel at its place.</summary>
    public JsonObject Json(int id, int x, int y)
    {
        var defaults = new JsonObject
        {
            ["unit"] = Unit,
            ["noValue"] = "–",
            ["color"] = new JsonObject { ["mode"] = Thresholds == Thresholds.None ? "palette-classic-by-name" : "thresholds" },
            ["thresholds"] = Thresholds.Json(),
            ["mappings"] = Mappings.DeepClone(),
        };
        if (Decimals is { } decimals)
            defaults["decimals"] = decimals;
        if (Custom is { } custom)
            defaults["custom"] = custom.DeepClone();

        var json = new JsonObject
        {
            ["id"] = id,
            ["type"] = Type,
            ["title"] = Title,
            ["description"] = Description,
            ["gridPos"] = new JsonObject { ["x"] = x, ["y"] = y, ["w"] = Width, ["h"] = Height },
        };
        if (Queries.Count > 0)
        {
            json["datasource"] = DataSource.Json();
            json["targets"] = new JsonArray([.. Queries.Select((query, i) => query.Json((char)('A' + i), Format, Instant))]);
        }

        if (Interval is not null)
            json["interval"] = Interval;
        json["fieldConfig"] = new JsonObject { ["defaults"] = defaults, ["overrides"] = new JsonArray([.. Overrides.Select(o => o.Json())]) };
        json["options"] = Options.DeepClone();
        if (Transformations.Count > 0)
            json["transformations"] = Transformations.DeepClone();
        return json;
    }
}
