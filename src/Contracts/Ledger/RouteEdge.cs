using System.Runtime.InteropServices;

namespace Wakegate.Contracts.Ledger;

/// <summary>Something about a route that the scaler must tell KEDA at once.</summary>
/// <param name="Quiet">How long the route had been without requests before this one; zero where that did not change.</param>
/// <param name="Waking">The first request that waits for a pod, over all replicas.</param>
/// <param name="At">When it was, in Redis ms.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct RouteEdge(TimeSpan Quiet, bool Waking, long At);
