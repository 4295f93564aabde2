using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Wakegate.Local.Narration;

/// <summary>One entry of a child's log, which it writes as JSON to its standard output.</summary>
internal sealed record ChildLog(DateTimeOffset At, string Level, string Template, string Text, JsonObject? Values)
{
    /// <summary>Makes a .NET child log as JSON with the time of each entry, ours at level Information and all else from Warning on.</summary>
    public static IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        // Our own services log JSON in a container.
        ["DOTNET_RUNNING_IN_CONTAINER"] = "true",
        ["Logging__Console__FormatterName"] = "json",
        ["Logging__Console__FormatterOptions__TimestampFormat"] = "O",
        ["Logging__Console__FormatterOptions__UseUtcTimestamp"] = "true",
        ["Logging__LogLevel__Default"] = "Warning",
        ["Logging__LogLevel__Wakegate"] = "Information",
    };

    public bool IsProblem => Level is "Warning" or "Error" or "Critical";

    /// <summary>Null for a line that is no log entry.</summary>
    /// <param name="line">What the child wrote.</param>
    /// <param name="now">When it came, for an entry without a time.</param>
    public static ChildLog? Parse(string line, DateTimeOffset now)
    {
        if (line is not ['{', ..])
            return null;
        try
        {
            var entry = JsonNode.Parse(line)!.AsObject();
            var state = entry["State"] as JsonObject;
            var at = DateTimeOffset.TryParse((string?)entry["Timestamp"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : now;
            var exception = (string?)entry["Exception"] is { } thrown ? $" {thrown.Split('\n')[0].Trim()}" : "";
            return new(at, (string?)entry["LogLevel"] ?? "", (string?)state?["{OriginalFormat}"] ?? "", $"{entry["Message"]}{exception}", state);
        }
        catch (Exception notOurs) when (notOurs is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
