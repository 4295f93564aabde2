using System.Globalization;
using System.Text.RegularExpressions;

namespace Wakegate.Contracts.Triggers;

/// <summary>How a key's value is written.</summary>
public enum KeySyntax
{
    /// <summary>Text that matches the key's pattern.</summary>
    Text,

    /// <summary>Comma-separated; each item, not the whole, matches the key's pattern where it has one.</summary>
    List,

    /// <summary>One of a few words.</summary>
    Choice,

    /// <summary>A whole number.</summary>
    WholeNumber,

    /// <summary>A number that may have decimals.</summary>
    Number,

    /// <summary>A <see cref="KubernetesDuration"/>.</summary>
    Duration,
}

/// <summary>The least and the greatest value, both included; of durations in seconds.</summary>
public sealed record KeyRange(decimal Minimum, decimal Maximum);

/// <summary>One key of a trigger's metadata: what the parser checks, and what the documentation and the admission policy say.</summary>
public sealed record TriggerKey
{
    private readonly Lazy<Regex?> syntaxRegex;

    private TriggerKey() => syntaxRegex = new(() => Pattern is null ? null : new(Pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));

    /// <summary>The key.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for, in half a sentence.</summary>
    public required string Meaning { get; init; }

    /// <summary>How its value is written.</summary>
    public required KeySyntax Syntax { get; init; }

    /// <summary>What to write instead of a refused value, as an imperative without a full stop.</summary>
    public required string Remedy { get; init; }

    /// <summary>The value that stands for a missing key; null where there is none.</summary>
    public string? Default { get; init; }

    /// <summary>Whether a trigger must have it. Of <c>port</c> and <c>portName</c> it must have one.</summary>
    public bool Required { get; init; }

    /// <summary>What a value, or a list's item, must match: a regular expression that RE2 takes too, anchored; null where none can say it.</summary>
    public string? Pattern { get; init; }

    /// <summary>The longest value, or list item; null where only the pattern counts.</summary>
    public int? MaxLength { get; init; }

    /// <summary>The values between which a number or a duration must lie.</summary>
    public KeyRange? Range { get; init; }

    /// <summary>The words of a <see cref="KeySyntax.Choice"/>.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>What is wrong with a value that the pattern refuses, to follow it in a sentence.</summary>
    public string Malformed => Syntax switch
    {
        KeySyntax.Choice => "is not a choice",
        KeySyntax.WholeNumber => "is not a whole number",
        KeySyntax.Number => "is not a number",
        KeySyntax.Duration => "is not a duration",
        _ => "is not valid",
    };

    internal bool Fits(string value) => value.Length <= (MaxLength ?? int.MaxValue) && (syntaxRegex.Value?.IsMatch(value) ?? true);

    internal static TriggerKey Text(string name, string meaning, string pattern, int maxLength, string remedy, bool required = false) =>
        new() { Name = name, Meaning = meaning, Syntax = KeySyntax.Text, Pattern = pattern, MaxLength = maxLength, Remedy = remedy, Required = required };

    internal static TriggerKey List(string name, string meaning, string remedy, string? @default = null, string? pattern = null, bool required = false) =>
        new() { Name = name, Meaning = meaning, Syntax = KeySyntax.List, Remedy = remedy, Default = @default, Pattern = pattern, Required = required };

    internal static TriggerKey Choice(string name, string meaning, params IReadOnlyList<string> choices) => new()
    {
        Name = name,
        Meaning = meaning,
        Syntax = KeySyntax.Choice,
        Choices = choices,
        Default = choices[0],
        Pattern = $"^({string.Join('|', choices)})$",
        Remedy = $"give {string.Join(", ", choices.SkipLast(1))} or {choices[^1]}",
    };

    internal static TriggerKey WholeNumber(string name, string meaning, string? @default, decimal minimum, decimal maximum) =>
        Numeric(name, meaning, KeySyntax.WholeNumber, "^[0-9]+$", @default, minimum, maximum);

    internal static TriggerKey Number(string name, string meaning, string? @default, decimal minimum, decimal maximum) =>
        Numeric(name, meaning, KeySyntax.Number, @"^[0-9]+(\.[0-9]+)?$", @default, minimum, maximum);

    internal static TriggerKey Duration(string name, string meaning, string @default, TimeSpan minimum, TimeSpan maximum) => new()
    {
        Name = name,
        Meaning = meaning,
        Syntax = KeySyntax.Duration,
        Pattern = KubernetesDuration.Pattern,
        Default = @default,
        Range = new((decimal)minimum.TotalSeconds, (decimal)maximum.TotalSeconds),
        Remedy = $"give a duration from {KubernetesDuration.Format(minimum)} to {KubernetesDuration.Format(maximum)}, such as 1m30s",
    };

    private static TriggerKey Numeric(string name, string meaning, KeySyntax syntax, string pattern, string? @default, decimal minimum, decimal maximum) => new()
    {
        Name = name,
        Meaning = meaning,
        Syntax = syntax,
        Pattern = pattern,
        Default = @default,
        Range = new(minimum, maximum),
        Remedy = string.Create(CultureInfo.InvariantCulture, $"give a number from {minimum} to {maximum}"),
    };
}
