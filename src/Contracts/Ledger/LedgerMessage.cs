using System.Text;
using StackExchange.Redis;

namespace Wakegate.Contracts.Ledger;

/// <summary>
/// What is published with every write: a line with the replica and its header, then a line <c>record TAB route</c> for each route that
/// changed. A route that is not mentioned did not change.
/// </summary>
internal sealed record LedgerMessage(string Replica, ReplicaHeader Header, IReadOnlyList<(string Route, RouteRecord Record)> Changes)
{
    public static string Format(string replica, string header, IEnumerable<HashEntry> changes)
    {
        var text = new StringBuilder(replica).Append(' ').Append(header);
        foreach (var change in changes)
            text.Append('\n').Append(change.Value).Append('\t').Append(change.Name);

        return text.ToString();
    }

    /// <summary>Null where it is none of ours. Lines that cannot be read are left out: the next full read has the last word.</summary>
    public static LedgerMessage? Parse(string text)
    {
        var lines = text.Split('\n');
        var space = lines[0].IndexOf(' ');
        if (space <= 0 || !ReplicaHeader.TryParse(lines[0].AsSpan(space + 1), out var header))
            return null;

        var changes = new List<(string, RouteRecord)>(lines.Length - 1);
        foreach (var line in lines.AsSpan(1))
        {
            var tab = line.IndexOf('\t');
            if (tab > 0 && RouteRecord.TryParse(line.AsSpan(0, tab), out var record))
                changes.Add((line[(tab + 1)..], record));
        }

        return new(lines[0][..space], header, changes);
    }
}
