namespace Wakegate.Manifests;

/// <summary>Literals of CEL.</summary>
internal static class Cel
{
    /// <summary>A text, raw where it has backslashes, in whichever quotes it does not have itself.</summary>
    public static string Text(string text)
    {
        var prefix = text.Contains('\\', StringComparison.Ordinal) ? "r" : "";
        if (!text.Contains('\'', StringComparison.Ordinal))
        {
            return $"{prefix}'{text}'";
        }

        return text.Contains('"', StringComparison.Ordinal)
            ? $"'{text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("'", @"\'", StringComparison.Ordinal)}'"
            : $"{prefix}\"{text}\"";
    }

    public static string List(IEnumerable<string> texts) => $"[{string.Join(", ", texts.Select(Text))}]";
}
