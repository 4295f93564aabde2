using System.Text.Json;
using System.Text.RegularExpressions;

namespace Wakegate.Local.Api;

/// <summary>The label selector's grammar: <c>a=b</c>, <c>a!=b</c>, <c>a in (b,c)</c>, <c>a notin (b,c)</c>, <c>a</c>, <c>!a</c>.</summary>
internal static partial class LabelTerms
{
    /// <summary>Splits at commas outside of parentheses.</summary>
    public static IEnumerable<string> Split(string? selector) =>
        Commas().Split(selector ?? "").Select(term => term.Trim()).Where(term => term.Length > 0);

    /// <summary>What one term asks of an object, or null when it is malformed.</summary>
    public static Predicate<JsonElement>? Parse(string term)
    {
        if (SetTerm().Match(term) is { Success: true } set)
        {
            var (key, wanted) = (set.Groups["key"].Value, set.Groups["op"].Value is "in");
            var values = set.Groups["values"].Value.Split(',', StringSplitOptions.TrimEntries);
            // A label that is not there is in no set: "notin" matches.
            return json => (Label(json, key) is { } value && values.Contains(value)) == wanted;
        }

        if (EqualityTerm().Match(term) is { Success: true } equality)
        {
            var (key, value) = (equality.Groups["key"].Value, equality.Groups["value"].Value);
            var wanted = equality.Groups["op"].Value is not "!=";
            return json => (Label(json, key) == value) == wanted;
        }

        if (ExistsTerm().Match(term) is not { Success: true } exists)
            return null;
        var (present, name) = (exists.Groups["not"].Length == 0, exists.Groups["key"].Value);
        return json => Label(json, name) is not null == present;
    }

    private static string? Label(JsonElement json, string key) =>
        json.At("metadata.labels") is { } labels && labels.TryGetProperty(key, out var value) ? value.GetString() : null;

    [GeneratedRegex(@",(?![^(]*\))", RegexOptions.None, 1000)]
    private static partial Regex Commas();

    [GeneratedRegex(@"^(?<key>[\w./-]+)\s+(?<op>in|notin)\s*\((?<values>[^()]*)\)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SetTerm();

    [GeneratedRegex(@"^(?<key>[\w./-]+)\s*(?<op>!=|==?)\s*(?<value>[\w.-]*)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EqualityTerm();

    [GeneratedRegex(@"^(?<not>!?)\s*(?<key>[\w./-]+)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ExistsTerm();
}
