using System.Runtime.InteropServices;

namespace Wakegate.Contracts.Ledger;

/// <summary>One replica's account of one route.</summary>
/// <param name="InFlight">Requests sent to a pod, now.</param>
/// <param name="Waking">Requests that wait for a first ready pod, now.</param>
/// <param name="Queued">Requests that wait behind busy pods, now.</param>
/// <param name="Integral">The time integral of all three, in request-milliseconds since the replica started.</param>
/// <param name="Requests">Requests since the replica started.</param>
/// <param name="LastSeen">When a request was last pending, in Redis ms.</param>
/// <param name="At">When all this was so, in Redis ms.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RouteRecord(int InFlight, int Waking, int Queued, long Integral, long Requests, long LastSeen, long At)
{
    public int Pending => InFlight + Waking + Queued;

    public static bool TryParse(ReadOnlySpan<char> text, out RouteRecord record)
    {
        Span<long> columns = stackalloc long[7];
        var read = Columns.TryRead(text, columns);
        record = read ? new((int)columns[0], (int)columns[1], (int)columns[2], columns[3], columns[4], columns[5], columns[6]) : default;
        return read;
    }

    public override string ToString() =>
        FormattableString.Invariant($"{InFlight} {Waking} {Queued} {Integral} {Requests} {LastSeen} {At}");
}
