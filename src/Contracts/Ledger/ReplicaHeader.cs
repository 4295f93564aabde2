using System.Runtime.InteropServices;

namespace Wakegate.Contracts.Ledger;

/// <summary>What a replica says about itself with every write.</summary>
/// <param name="Version">Of the format. A reader passes over a replica whose version is above its own.</param>
/// <param name="Start">When the replica started, in Redis ms: its totals were 0 then.</param>
/// <param name="Sequence">Grows with every write of this replica, so that a message and a read can be told apart in time.</param>
/// <param name="Lease">For how many ms its counts hold; 0 as it leaves.</param>
/// <param name="At">When the write was made, in Redis ms; Redis may carry it out much later. 0 where that is not written.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ReplicaHeader(long Version, long Start, long Sequence, long Lease, long At)
{
    public const long CurrentVersion = 1;

    public bool Readable => Version <= CurrentVersion;

    /// <summary>Of a newer version only that is known.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ReplicaHeader header)
    {
        header = default;
        Span<long> columns = stackalloc long[5];
        if (!Columns.TryRead(text, columns[..1]))
            return false;

        header = header with { Version = columns[0] };
        if (!header.Readable)
            return true;

        if (Columns.Read(text, columns) < 4)
            return false;

        header = new(columns[0], columns[1], columns[2], columns[3], columns[4]);
        return true;
    }

    public override string ToString() => FormattableString.Invariant($"{Version} {Start} {Sequence} {Lease} {At}");
}
