using System.Text.RegularExpressions;

namespace Wakegate.Testing;

/// <summary>The metrics that docs/metrics.md lists.</summary>
public static partial class DocumentedMetrics
{
    /// <summary>Each by its name, with its type: <c>counter</c>, <c>gauge</c> or <c>histogram</c>.</summary>
    /// <param name="file">Where docs/metrics.md is.</param>
    public static IReadOnlyDictionary<string, string> Read(string file) => File.ReadLines(file)
        .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
        .Where(cells => cells.Length > 4 && cells[1].StartsWith('`'))
        .SelectMany(cells => CodePattern().Matches(cells[1]).Select(code => (Name: code.Groups["name"].Value, Type: cells[2])))
        .ToDictionary(metric => metric.Name, metric => metric.Type);

    /// <summary>The metric that a series belongs to: a histogram has three kinds of them.</summary>
    /// <param name="documented">All metrics.</param>
    /// <param name="series">The series' name.</param>
    public static string Of(IReadOnlyDictionary<string, string> documented, string series)
    {
        var histogram = SuffixPattern().Replace(series, "");
        return documented.TryGetValue(histogram, out var type) && type == "histogram" ? histogram : series;
    }

    /// <summary>The names of metrics, recorded ones left out, that a query has.</summary>
    /// <param name="query">PromQL.</param>
    public static IEnumerable<string> Named(string query) => NamePattern().Matches(query).Select(match => match.Value);

    [GeneratedRegex("`(?<name>[a-z_]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CodePattern();

    [GeneratedRegex("_(bucket|sum|count)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SuffixPattern();

    [GeneratedRegex("(?<![:a-z_])((wakegate|dotnet)_[a-z_]+|target_info)(?![:a-z_])", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NamePattern();
}
