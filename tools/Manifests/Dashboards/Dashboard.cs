using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Wakegate.Manifests.Dashboards;

/// <summary>A row of panels under one heading.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Panels">From left to right, and on to the next line where they do not fit.</param>
internal sealed record Row(string Title, params IReadOnlyList<Panel> Panels);

/// <summary>A dashboard.</summary>
/// <param name="Name">Of the file; its uid is <c>wakegate-</c> and this, and never changes, since links and bookmarks use it.</param>
/// <param name="Title">What readers see.</param>
/// <param name="Description">Which question it answers.</param>
internal sealed record Dashboard(string Name, string Title, string Description)
{
    /// <summary>The version of the format that Grafana 11.6 and 12 write.</summary>
    private const int SchemaVersion = 41;

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Dashboard> All { get; } = [Overview.Dashboard, RouteInDepth.Dashboard, Health.Dashboard];

    public IReadOnlyList<Variable> Variables { get; init; } = [];

    public IReadOnlyList<Row> Rows { get; init; } = [];

    public string Uid => $"wakegate-{Name}";

    /// <summary>The file's content.</summary>
    public string Write() => Json().ToJsonString(Readable).ReplaceLineEndings("\n") + "\n";

    private JsonObject Json() => new()
    {
        ["uid"] = Uid,
        ["title"] = Title,
        ["description"] = Description,
        ["tags"] = new JsonArray("wakegate"),
        // In place, to look closer; the next version of the file puts everything back.
        ["editable"] = true,
        ["schemaVersion"] = SchemaVersion,
        ["graphTooltip"] = 1,
        ["refresh"] = "30s",
        ["time"] = new JsonObject { ["from"] = "now-6h", ["to"] = "now" },
        ["timezone"] = "browser",
        ["templating"] = new JsonObject { ["list"] = new JsonArray([Variable.DataSources(), .. Variables.Select(variable => variable.Json())]) },
        ["links"] = new JsonArray([.. All.Where(other => other != this).Select(Link)]),
        ["panels"] = new JsonArray([.. Placed()]),
    };

    /// <summary>To another dashboard, with time range and data source kept.</summary>
    private static JsonObject Link(Dashboard other) => new()
    {
        ["type"] = "link",
        ["title"] = other.Title,
        ["url"] = $"/d/{other.Uid}?${{{DataSource.Variable}:queryparam}}",
        ["icon"] = "dashboard",
        ["tooltip"] = other.Description,
        ["tags"] = new JsonArray(),
        ["asDropdown"] = false,
        ["keepTime"] = true,
        ["includeVars"] = false,
        ["targetBlank"] = false,
    };

    private IEnumerable<JsonObject> Placed()
    {
        var (id, y) = (0, 0);
        foreach (var row in Rows)
        {
            yield return new()
            {
                ["id"] = ++id,
                ["type"] = "row",
                ["title"] = row.Title,
                ["collapsed"] = false,
                ["gridPos"] = new JsonObject { ["x"] = 0, ["y"] = y++, ["w"] = 24, ["h"] = 1 },
                ["panels"] = new JsonArray(),
            };

            var (x, height) = (0, 0);
            foreach (var panel in row.Panels)
            {
                if (x + panel.Width > 24)
                    (x, y, height) = (0, y + height, 0);
                yield return panel.Json(++id, x, y);
                (x, height) = (x + panel.Width, Math.Max(height, panel.Height));
            }

            y += height;
        }
    }
}
