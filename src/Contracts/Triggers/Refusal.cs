using System.Globalization;
using System.Text;

namespace Wakegate.Contracts.Triggers;

/// <summary>Why one value of a trigger's metadata is not taken. It goes to whoever wrote the ScaledObject, as an Event or a status.</summary>
/// <param name="Key">The key as it stands in the metadata.</param>
/// <param name="Value">Its value, or null where the key is missing.</param>
/// <param name="Message">A sentence that names the key, the value, and what would be valid.</param>
public sealed record Refusal(string Key, string? Value, string Message)
{
    // An Event's note ends at 1024 characters, and the remedy stands last.
    private const int Shown = 100;

    /// <summary>The message.</summary>
    public override string ToString() => Message;

    /// <summary>The usual form: <c>port "99999" is out of range: give a number from 1 to 65535.</c></summary>
    internal static Refusal Of(string key, string? value, string problem, string remedy) =>
        new(key, value, $"{(value is null ? Printable(key) : $"{Printable(key)} {Quoted(value)}")} {problem}: {remedy}{(remedy.EndsWith('?') ? "" : ".")}");

    /// <summary>In quotes, on one line, and cut where it is long.</summary>
    internal static string Quoted(string text) => $"\"{Printable(text)}\"";

    private static string Printable(string text)
    {
        var printable = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (printable.Length >= Shown)
            {
                return printable.Append('…').ToString();
            }

            printable.Append(Rune.IsControl(rune) ? string.Create(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}") : rune.ToString());
        }

        return printable.ToString();
    }
}
