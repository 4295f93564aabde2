using System.Runtime.InteropServices;
using Wakegate.Contracts.Ledger;

namespace Wakegate.ExternalScaler.Pushing;

/// <summary>What a stream is to be told, and why.</summary>
/// <param name="Cause">Why.</param>
/// <param name="Edge">What happened, where it is told because it has just happened.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Push(PushCause Cause, RouteEdge? Edge = null);
