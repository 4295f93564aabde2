using System.Globalization;
using System.Text;

namespace Wakegate.Bench.Results;

/// <summary>Figures as tables.</summary>
internal static class Markdown
{
    public static string Of(IReadOnlyList<Figure> figures)
    {
        var text = new StringBuilder("# Results\n\nWritten by the benchmarks; see [how they are run](../README.md) and [what they mean](../../docs/performance.md).\n\n");
        text.Append("| figure | what is judged | value | rounds | bound | |\n|---|---|---|---|---|---|\n");
        foreach (var figure in figures)
        {
            foreach (var verdict in figure.Verdicts)
                text.Append(CultureInfo.InvariantCulture, $"| [{figure.Name}](#{figure.Name}) {Row(verdict)}\n");
        }

        foreach (var figure in figures)
            text.Append(CultureInfo.InvariantCulture, $"\n## {figure.Name}\n{Of(figure)}\n![{figure.Name}]({figure.Name}.svg)\n");
        return text.ToString();
    }

    public static string Of(Figure figure)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{figure.Title}.\n\n| metric | contestant | median | least – most |\n|---|---|---:|---|\n");
        foreach (var series in figure.Series)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {series.Metric}, {series.Unit} | {series.Contestant} | {Number(series.Median)} | {Number(series.Values.Min())} – {Number(series.Values.Max())} |\n");
        }

        text.Append("\n| judged | value | rounds | bound | |\n|---|---|---|---|---|\n");
        foreach (var verdict in figure.Verdicts)
            text.Append(Row(verdict)).Append('\n');
        text.Append('\n');
        foreach (var note in figure.Notes)
            text.Append(CultureInfo.InvariantCulture, $"- {note}\n");
        var versions = string.Join(", ", figure.Versions.Select(v => $"{v.Key} {v.Value}"));
        text.Append(CultureInfo.InvariantCulture, $"- {figure.Date:yyyy-MM-dd}; rounds: {figure.Rounds}, turns of {figure.TurnSeconds:0} s where they are timed; {figure.Machine}; {versions}.\n");
        return text.ToString();
    }

    public static string Number(double value) => Math.Abs(value) switch
    {
        >= 1000 => value.ToString("#,0", CultureInfo.InvariantCulture),
        >= 100 => value.ToString("0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.ToString("0.00#", CultureInfo.InvariantCulture),
    };

    private static string Row(Verdict verdict)
    {
        var bound = verdict.Bound switch
        {
            { AtLeast: { } least } => $"≥ {Number(least)}",
            { AtMost: { } most } => $"≤ {Number(most)}",
            _ => "reported",
        };
        var judged = verdict.Bound == Bound.None ? "" : verdict.Pass ? "PASS" : "**FAIL**";
        var spread = verdict.Least.Equals(verdict.Most) ? "" : $"{Number(verdict.Least)} – {Number(verdict.Most)}";
        return $"| {verdict.What} | {Number(verdict.Value)} | {spread} | {bound} | {judged} |";
    }
}
