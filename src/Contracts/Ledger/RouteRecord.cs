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
/// <param name="Edge">When the route last went from no request to one, or began to wait for a first pod, in Redis ms. Where that is not written: when it was last seen.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RouteRecord(int InFlight, int Waking, int Queued, long Integral, long Requests, long LastSeen, long At, long Edge)
{
    public int Pending => InFlight + Waking + Queued;

    public static bool TryParse(ReadOnlySpan<char> text, out RouteRecord record)
    {
        Span<long> columns = stackalloc long[8];
        var read = Columns.Read(text, columns);
        record = read < 7 ? default
            : new((int)columns[0], (int)columns[1], (int)columns[2], columns[3], columns[4], columns[5], columns[6], Edge: read < 8 ? columns[5] : columns[7]);
        return read >= 7;
    }

    public override string ToString() =>
        FormattableString.Invariant($"{InFlight} {Waking} {Queued} {Integral} {Requests} {LastSeen} {At} {Edge}");
}
