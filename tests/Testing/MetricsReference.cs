using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;

namespace Wakegate.Testing;

/// <summary>The tables of <c>docs/metrics.md</c>, and what an instrument is called there.</summary>
public static partial class MetricsReference
{
    /// <summary>The metrics of one section, each as <c>type name{labels}</c>, sorted.</summary>
    public static IReadOnlyList<string> Section(string heading)
    {
        var text = File.ReadAllText(Path.Combine(Repository(), "docs", "metrics.md"));
        var section = text.Split("\n## ").Single(s => s.StartsWith(heading, StringComparison.Ordinal));
        return [.. Rows().Matches(section).SelectMany(Metrics).Order(StringComparer.Ordinal)];
    }

    /// <summary>An instrument as Prometheus has it.</summary>
    public static string NameOf(Instrument instrument)
    {
        var name = instrument.Name.Replace('.', '_');
        var unit = instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        name = name.EndsWith(unit, StringComparison.Ordinal) ? name : name + unit;
        return TypeOf(instrument) == "counter" ? $"{name}_total" : name;
    }

    /// <summary>The same with its type and labels.</summary>
    public static string Describe(Instrument instrument, IEnumerable<string> labels) =>
        $"{TypeOf(instrument)} {NameOf(instrument)}{{{string.Join(',', labels.Order(StringComparer.Ordinal))}}}";

    private static string TypeOf(Instrument instrument) => instrument.GetType().Name switch
    {
        "Counter`1" or "ObservableCounter`1" => "counter",
        "Histogram`1" => "histogram",
        _ => "gauge",
    };

    private static IEnumerable<string> Metrics(Match row) => Names().Matches(row.Groups["names"].Value).Select(name =>
        $"{row.Groups["type"].Value.Trim()} {name.Value.Trim('`')}{{{string.Join(',', Names().Matches(row.Groups["labels"].Value).Select(l => l.Value.Trim('`')).Order(StringComparer.Ordinal))}}}");

    private static string Repository()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Wakegate.slnx")))
            directory = directory.Parent ?? throw new InvalidOperationException("The tests do not run within the repository.");
        return directory.FullName;
    }

    [GeneratedRegex(@"^\| (?<names>`[^|]+) \|(?<type>[^|]+)\|(?<labels>[^|]*)\|", RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex Rows();

    [GeneratedRegex("`[a-z_]+`", RegexOptions.NonBacktracking)]
    private static partial Regex Names();
}
