using System.Globalization;
using System.Net;
using System.Text;

namespace Wakegate.Bench.Results;

/// <summary>A figure's series as horizontal bars, one block a metric, with a line from the least round to the most.</summary>
internal static class Plot
{
    private const int Width = 720;
    private const int Left = 220;
    private const int Bar = 18;
    private const int Gap = 6;
    private const double Longest = Width - Left - 110;

    public static string Of(Figure figure)
    {
        var body = new StringBuilder();
        var y = 34;
        foreach (var block in figure.Series.GroupBy(s => (s.Metric, s.Unit)))
        {
            Text(body, 10, y, $"{block.Key.Metric}, {block.Key.Unit}", "600");
            y += 10;
            var most = block.Max(s => s.Values.Max());
            foreach (var series in block)
            {
                Row(body, y, series, most > 0 ? Longest / most : 0);
                y += Bar + Gap;
            }

            y += 28;
        }

        return string.Create(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {y}" font-family="sans-serif" font-size="12">
            <rect width="{Width}" height="{y}" fill="#fff"/>
            <title>{WebUtility.HtmlEncode(figure.Title)}</title>
            {body}</svg>

            """);
    }

    private static void Row(StringBuilder body, int y, Series series, double scale)
    {
        var (length, least, most) = (series.Median * scale, Left + (series.Values.Min() * scale), Left + (series.Values.Max() * scale));
        var colour = series.Contestant.StartsWith("Wakegate", StringComparison.Ordinal) ? "#2563eb" : "#94a3b8";
        Text(body, 20, y + 13, series.Contestant, "400");
        body.Append(CultureInfo.InvariantCulture, $"""<rect x="{Left}" y="{y}" width="{length:0.#}" height="{Bar}" fill="{colour}"/>""");
        body.Append(CultureInfo.InvariantCulture, $"""<path d="M{least:0.#} {y + (Bar / 2)}H{most:0.#}" stroke="#0f172a"/>""");
        Text(body, (int)Math.Max(Left + length, most) + 6, y + 13, Markdown.Number(series.Median), "400");
    }

    private static void Text(StringBuilder body, int x, int y, string text, string weight) => body.Append(
        CultureInfo.InvariantCulture, $"""<text x="{x}" y="{y}" font-weight="{weight}">{WebUtility.HtmlEncode(text)}</text>""").Append('\n');
}
