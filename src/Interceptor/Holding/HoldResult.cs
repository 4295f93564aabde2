using System.Runtime.InteropServices;
using Wakegate.Interceptor.Forwarding;

namespace Wakegate.Interceptor.Holding;

/// <summary>How a wait ended, and the pod that has a place for the request where it ended well.</summary>
/// <param name="Outcome">How.</param>
/// <param name="Pod">Null where it ended otherwise.</param>
/// <param name="Cold">Whether it was a wait for a first pod.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct HoldResult(HoldOutcome Outcome, Pod? Pod = null, bool Cold = false);
