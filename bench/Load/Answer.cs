using System.Globalization;
using System.Text;

namespace Wakegate.Bench.Load;

/// <summary>Reads answers without allocating, so that what a benchmark's process allocates is the server's.</summary>
internal static class Answer
{
    /// <summary>Whether all of it is there.</summary>
    /// <exception cref="BenchException">It is not a 200, or does not say how long it is.</exception>
    public static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        if (answer.IndexOf("\r\n\r\n"u8) is not (>= 0 and var head))
            return false;
        return answer.StartsWith("HTTP/1.1 200"u8) && BodyLength(answer[..head]) is { } body
            ? answer.Length == head + 4 + body
            : throw new BenchException($"The answer was {Encoding.ASCII.GetString(answer[..head])}");
    }

    private static int? BodyLength(ReadOnlySpan<byte> head)
    {
        var name = "Content-Length:"u8;
        foreach (var field in head.Split("\r\n"u8))
        {
            var line = head[field];
            if (line.Length > name.Length && Ascii.EqualsIgnoreCase(line[..name.Length], name))
                return int.Parse(line[name.Length..].Trim((byte)' '), NumberStyles.None, CultureInfo.InvariantCulture);
        }

        return null;
    }
}
