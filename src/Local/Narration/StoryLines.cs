using System.Globalization;

namespace Wakegate.Local.Narration;

/// <summary>How a line of the story looks.</summary>
internal sealed class StoryLines(bool colours, TimeZoneInfo zone)
{
    private const string Reset = "\e[0m";

    /// <summary>Wall time, time since the first held request, what, who, and the rest.</summary>
    public string Format(Happening happening, TimeSpan? since)
    {
        var wall = TimeZoneInfo.ConvertTime(happening.At, zone).ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
        var relative = since is { } passed ? string.Create(CultureInfo.InvariantCulture, $"+{passed.TotalSeconds:0.000} s") : "";
        var step = happening.Step.ToString().ToLowerInvariant();
        var line = $"{wall} {relative,11}  {Coloured(happening.Step, $"{step,-10}")} {happening.Subject,-24} {happening.Text}";
        return line.TrimEnd();
    }

    private string Coloured(Step step, string text) => !colours ? text : step switch
    {
        Step.Problem => $"\e[31m{text}{Reset}",
        Step.Held => $"\e[33m{text}{Reset}",
        Step.Ready or Step.Released => $"\e[32m{text}{Reset}",
        _ => $"\e[36m{text}{Reset}",
    };
}
