using System.Globalization;

namespace Wakegate.Contracts.Ledger;

/// <summary>Whole numbers with spaces between: what the ledger's values look like in <c>redis-cli</c>.</summary>
internal static class Columns
{
    /// <summary>Fills all of <paramref name="columns"/>; columns beyond them are a newer version's and are passed over.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, Span<long> columns) => Read(text, columns) == columns.Length;

    /// <summary>Fills as many of <paramref name="columns"/> as there are; says how many.</summary>
    public static int Read(ReadOnlySpan<char> text, Span<long> columns)
    {
        for (var read = 0; read < columns.Length; read++)
        {
            var space = text.IndexOf(' ');
            if (!long.TryParse(space < 0 ? text : text[..space], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out columns[read]))
                return read;

            text = space < 0 ? default : text[(space + 1)..];
        }

        return columns.Length;
    }
}
