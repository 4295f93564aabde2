using System.Text.Json.Nodes;

namespace Wakegate.Manifests.Dashboards;

/// <summary>From which value on something is worth a look.</summary>
/// <param name="Start">The colour below the first step.</param>
/// <param name="Steps">Values with the colours that hold from there.</param>
internal sealed record Thresholds(string Start, params (double From, string Colour)[] Steps)
{
    public static Thresholds None { get; } = new("green");

    /// <summary>Fine below the first value, bad from the second on.</summary>
    public static Thresholds Over(double worthALook, double bad) => new("green", (worthALook, "yellow"), (bad, "red"));

    /// <summary>Blue: neither good nor bad.</summary>
    public static Thresholds Plain { get; } = new("blue");

    public JsonObject Json() => new()
    {
        ["mode"] = "absolute",
        ["steps"] = new JsonArray(
        [
            new JsonObject { ["color"] = Start, ["value"] = null },
            .. Steps.Select(step => new JsonObject { ["color"] = step.Colour, ["value"] = step.From }),
        ]),
    };
}
