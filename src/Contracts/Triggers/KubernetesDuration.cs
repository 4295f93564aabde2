using System.Buffers;
using System.Globalization;
using System.Text;

namespace Wakegate.Contracts.Triggers;

/// <summary>
/// Durations as Kubernetes users write them, in the syntax of Go's <c>time.ParseDuration</c>: <c>500ms</c>, <c>90s</c>, <c>1m30s</c>,
/// <c>1.5h</c>, and <c>0</c>. Unlike Go's they carry no sign. What is finer than a tick (100 ns) is cut off.
/// </summary>
public static class KubernetesDuration
{
    /// <summary>The syntax, as a regular expression that RE2 takes too.</summary>
    public const string Pattern = @"^(0|(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|[µμ]s|ms|s|m|h))+)$";

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    private static readonly (string Name, decimal Ticks)[] Units =
    [
        ("h", TimeSpan.TicksPerHour),
        ("m", TimeSpan.TicksPerMinute),
        ("s", TimeSpan.TicksPerSecond),
        ("ms", TimeSpan.TicksPerMillisecond),
        ("us", TimeSpan.TicksPerMicrosecond),
        ("\u00b5s", TimeSpan.TicksPerMicrosecond), // the micro sign
        ("\u03bcs", TimeSpan.TicksPerMicrosecond), // the Greek letter
        ("ns", 1m / TimeSpan.NanosecondsPerTick),
    ];

    /// <summary>False where <paramref name="text"/> is no duration, or longer than a <see cref="TimeSpan"/> can be.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = default;
        if (text is "0")
        {
            return true;
        }

        var ticks = 0m;
        var rest = text;
        while (!rest.IsEmpty)
        {
            if (!TryTake(ref rest, out var part) || (ticks += part) > long.MaxValue)
            {
                return false;
            }
        }

        duration = TimeSpan.FromTicks((long)ticks);
        return !text.IsEmpty;
    }

    /// <summary>The shortest way to write a duration that is not negative: <c>1m30s</c>, <c>1.5s</c> as <c>1s500ms</c>, <c>0</c>.</summary>
    public static string Format(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
        var text = new StringBuilder();
        Append(text, (long)duration.TotalHours, "h");
        Append(text, duration.Minutes, "m");
        Append(text, duration.Seconds, "s");
        Append(text, duration.Milliseconds, "ms");
        Append(text, duration.Microseconds, "us");
        Append(text, duration.Nanoseconds, "ns");
        return text.Length == 0 ? "0" : text.ToString();
    }

    private static bool TryTake(ref ReadOnlySpan<char> rest, out decimal ticks)
    {
        ticks = 0;
        var digits = rest.IndexOfAnyExcept(NumberCharacters);
        var number = digits > 0 ? rest[..digits] : default;
        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount))
        {
            return false;
        }

        rest = rest[digits..];
        var letters = rest.IndexOfAny(NumberCharacters);
        var name = letters < 0 ? rest : rest[..letters];
        foreach (var unit in Units)
        {
            if (name.SequenceEqual(unit.Name) && amount <= long.MaxValue / unit.Ticks)
            {
                ticks = amount * unit.Ticks;
                rest = rest[name.Length..];
                return true;
            }
        }

        return false;
    }

    private static void Append(StringBuilder text, long amount, string unit)
    {
        if (amount > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{amount}{unit}");
        }
    }
}
