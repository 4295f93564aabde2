using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Wakegate.Contracts.Triggers;

/// <summary>Reads one host of a trigger.</summary>
internal static class HostPatterns
{
    private const int LongestName = 253;
    private const int LongestLabel = 63;

    private static readonly SearchValues<char> LabelCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");
    private static readonly IdnMapping Idn = new();

    public static ItemReading<HostPattern> Read(string item)
    {
        if (item.Contains("://", StringComparison.Ordinal))
        {
            return Bad("has a scheme", "give the host alone, such as shop.example.com");
        }

        if (item.Contains('/', StringComparison.Ordinal))
        {
            return Bad("has a path", "give the host alone, and the path in pathPrefixes");
        }

        if (!TryDropPort(item, out var host))
        {
            return item.Count(c => c == ':') > 1 && IPAddress.TryParse(item, out _)
                ? Bad("is an IPv6 address without brackets", $"write [{item}]")
                : Bad("has a port that is none", "leave the port out, for it is ignored");
        }

        return host switch
        {
            "*" => Good(HostKind.Any, ""),
            ['[', ..] => IPv6(host),
            ['*', '.', .. var parent] => Name(HostKind.Wildcard, parent),
            _ => Name(HostKind.Exact, host),
        };
    }

    private static ItemReading<HostPattern> Name(HostKind kind, string host)
    {
        if (host.Contains('*', StringComparison.Ordinal))
        {
            return Bad("has a wildcard in a place where it cannot stand", "use * only alone or as the whole first label, as in *.example.com");
        }

        // The root's trailing dot means the same host.
        if (!TryToAscii(host.EndsWith('.') ? host[..^1] : host, out var name))
        {
            return Bad("cannot be written as punycode", "give the host as it stands in DNS, with xn-- labels");
        }

        if (name.Length > LongestName)
        {
            return Bad($"is longer than {LongestName} characters", "give a host that DNS can hold");
        }

        var labels = name.Split('.');
        if (!labels.All(IsLabel))
        {
            return Bad("is not a host name", "give labels of at most 63 letters, digits and inner hyphens, separated by dots");
        }

        // What ends in a number is an address to every client, so a name cannot.
        var isNumeric = labels[^1].All(char.IsAsciiDigit);
        return isNumeric && (kind != HostKind.Exact || !IsIPv4(labels))
            ? Bad("ends in a number but is not an IPv4 address", "give a host name, or four numbers from 0 to 255")
            : Good(kind, name);
    }

    private static ItemReading<HostPattern> IPv6(string host) =>
        host is ['[', .. var address, ']'] && !address.Contains('%', StringComparison.Ordinal)
            && IPAddress.TryParse(address, out var ip) && ip.AddressFamily == AddressFamily.InterNetworkV6
            ? Good(HostKind.Exact, $"[{ip}]")
            : Bad("is not an IPv6 address", "write it as in [2001:db8::1]");

    /// <summary>False where what follows the host's colon is no port. A bare IPv6 address has more than one colon, so it is not mistaken for a host.</summary>
    private static bool TryDropPort(string item, out string host)
    {
        var colon = item.IndexOf(':', Math.Max(item.IndexOf(']', StringComparison.Ordinal), 0));
        host = colon < 0 ? item : item[..colon];
        return colon < 0 || ushort.TryParse(item.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _);
    }

    /// <summary>Folds case first: without ICU (invariant globalization) the mapping to punycode does not.</summary>
    private static bool TryToAscii(string host, out string name)
    {
        name = host.ToLowerInvariant();
        if (Ascii.IsValid(name))
        {
            return true;
        }

        try
        {
            name = Idn.GetAscii(name);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= LongestLabel && !label.AsSpan().ContainsAnyExcept(LabelCharacters) && label[0] != '-' && label[^1] != '-';

    private static bool IsIPv4(string[] labels) =>
        labels.Length == 4 && labels.All(l => l is "0" || (l[0] != '0' && byte.TryParse(l, NumberStyles.None, CultureInfo.InvariantCulture, out _)));

    private static ItemReading<HostPattern> Good(HostKind kind, string name) => ItemReading<HostPattern>.Good(new(kind, name));

    private static ItemReading<HostPattern> Bad(string problem, string remedy) => ItemReading<HostPattern>.Bad(problem, remedy);
}
