using System.Globalization;
using System.Text.RegularExpressions;

namespace Wakegate.Upstream.Hosting;

/// <summary>Durations as Kubernetes users write them.</summary>
internal static partial class Duration
{
    public const string Form = "a duration such as 500ms, 90s or 1m30s, of a day at most";

    public static bool TryParse(string text, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        var parts = Written().Match(text);
        if (!parts.Success || text.Length == 0)
            return false;

        var milliseconds = Part(parts, "h") * 3_600_000 + Part(parts, "m") * 60_000 + Part(parts, "s") * 1_000 + Part(parts, "ms");
        if (milliseconds > TimeSpan.FromDays(1).TotalMilliseconds)
            return false;
        value = TimeSpan.FromMilliseconds(milliseconds);
        return true;
    }

    private static double Part(Match parts, string unit) =>
        parts.Groups[unit] is { Success: true, Value: var digits } ? double.Parse(digits, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"^((?<h>\d{1,9})h)?((?<m>\d{1,9})m(?!s))?((?<s>\d{1,9})s)?((?<ms>\d{1,9})ms)?\z", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Written();
}
