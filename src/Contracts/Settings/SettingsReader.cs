using System.Globalization;
using Microsoft.Extensions.Configuration;
using Wakegate.Contracts.Triggers;

namespace Wakegate.Contracts.Settings;

/// <summary>
/// Reads one section of the configuration. What cannot be read keeps its default and is put down as an error, so that a start that fails
/// names every error at once.
/// </summary>
/// <param name="configuration">All of it.</param>
/// <param name="section">The section's name.</param>
/// <param name="errors">Gets a sentence for each value that cannot be read: the key, the value, and what would be valid.</param>
public sealed class SettingsReader(IConfiguration configuration, string section, ICollection<string> errors)
{
    // Each 1024 times the one before.
    private static readonly string[] Units = ["Ki", "Mi", "Gi"];

    /// <summary>Text as it stands.</summary>
    public string Text(string key, string otherwise) => Value(key) ?? otherwise;

    /// <summary>A duration, as Kubernetes users write it (<c>1m30s</c>) or as .NET does (<c>00:01:30</c>).</summary>
    public TimeSpan Duration(string key, TimeSpan otherwise)
    {
        if (Value(key) is not { } text)
            return otherwise;

        // A bare number would be days to .NET and an error to Kubernetes.
        if (KubernetesDuration.TryParse(text, out var duration)
            || (text.Contains(':') && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out duration)))
            return duration;

        errors.Add($"{section}:{key} \"{text}\" is not a duration: write it as 500ms, 90s or 1m30s.");
        return otherwise;
    }

    /// <summary>A whole number.</summary>
    public int WholeNumber(string key, int otherwise)
    {
        if (Value(key) is not { } text)
            return otherwise;

        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            return number;

        errors.Add($"{section}:{key} \"{text}\" is not a whole number.");
        return otherwise;
    }

    /// <summary>An amount of memory in bytes, as Kubernetes users write it (<c>256Mi</c>).</summary>
    public long Bytes(string key, long otherwise)
    {
        if (Value(key) is not { } text)
            return otherwise;

        var unit = Array.FindIndex(Units, u => text.EndsWith(u, StringComparison.Ordinal));
        var number = unit < 0 ? text : text[..^Units[unit].Length];
        if (long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var amount)
            && amount <= long.MaxValue >> (10 * (unit + 1)))
            return amount << (10 * (unit + 1));

        errors.Add($"{section}:{key} \"{text}\" is not an amount of memory: write it as 512Ki, 256Mi or 1Gi.");
        return otherwise;
    }

    private string? Value(string key) => configuration[$"{section}:{key}"]?.Trim() is { Length: > 0 } text ? text : null;
}
