using System.Runtime.InteropServices;
using Wakegate.Interceptor.Forwarding;

namespace Wakegate.Interceptor.Holding;

/// <summary>How a wait ended, and the pod that has a place for the request where it ended well.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct HoldResult(HoldOutcome Outcome, Pod? Pod = null);
