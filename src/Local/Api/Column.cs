using System.Text.Json;
using System.Text.Json.Nodes;

namespace Wakegate.Local.Api;

/// <summary>One column of what <c>kubectl get</c> prints.</summary>
/// <param name="Name">Its heading.</param>
/// <param name="Cell">Its value; the time is now, for ages.</param>
/// <param name="Wide">Whether only <c>-o wide</c> shows it.</param>
internal sealed record Column(string Name, Func<JsonElement, DateTimeOffset, JsonNode?> Cell, bool Wide = false)
{
    /// <summary>The object's name.</summary>
    public static Column Named { get; } = Text("Name", json => json.Text("metadata.name"));

    /// <summary>The time since the object's creation.</summary>
    public static Column Age { get; } = Since("Age", "metadata.creationTimestamp");

    public static Column Text(string name, Func<JsonElement, string?> value, bool wide = false) =>
        new(name, (json, _) => value(json) is { Length: > 0 } text ? text : "<none>", wide);

    public static Column Number(string name, string path) => new(name, (json, _) => json.Number(path));

    public static Column Since(string name, string path, bool wide = false) => new(
        name,
        (json, now) => json.At(path) is { } time ? Duration(now - time.GetDateTimeOffset()) : "<unknown>",
        wide);

    /// <summary>A column as a CustomResourceDefinition declares it: empty where the field is missing.</summary>
    public static Column Field(string name, string path) =>
        new(name, (json, _) => json.At(path) is { } value ? JsonValue.Create(value) : null);

    /// <summary>A duration the way kubectl writes ages: the two largest units, or one once that says enough.</summary>
    internal static string Duration(TimeSpan age) => age switch
    {
        { Ticks: < 0 } => "0s",
        { TotalMinutes: < 2 } => $"{(int)age.TotalSeconds}s",
        { TotalMinutes: < 10 } when age.Seconds > 0 => $"{age.Minutes}m{age.Seconds}s",
        { TotalHours: < 3 } => $"{(int)age.TotalMinutes}m",
        { TotalHours: < 8 } when age.Minutes > 0 => $"{age.Hours}h{age.Minutes}m",
        { TotalDays: < 2 } => $"{(int)age.TotalHours}h",
        { TotalDays: < 8 } when age.Hours > 0 => $"{age.Days}d{age.Hours}h",
        _ => $"{(int)age.TotalDays}d",
    };
}
