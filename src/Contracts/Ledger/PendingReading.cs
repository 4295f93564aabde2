using System.Runtime.InteropServices;

namespace Wakegate.Contracts.Ledger;

/// <summary>What <see cref="PendingCounts"/> held at one moment.</summary>
/// <param name="InFlight">Requests sent to a pod.</param>
/// <param name="Waking">Requests that wait for a first ready pod.</param>
/// <param name="Queued">Requests that wait behind busy pods.</param>
/// <param name="Integral">The time integral of all three, in request-milliseconds.</param>
/// <param name="Requests">All that ever entered.</param>
/// <param name="Quiet">For how many milliseconds nothing has been pending; 0 while anything is.</param>
/// <param name="EdgeAge">Milliseconds since the number last rose from 0, or requests began to wait for a first pod.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PendingReading(int InFlight, int Waking, int Queued, long Integral, long Requests, long Quiet, long EdgeAge);
