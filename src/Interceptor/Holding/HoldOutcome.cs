namespace Wakegate.Interceptor.Holding;

/// <summary>How a request's wait for a pod ended.</summary>
internal enum HoldOutcome
{
    /// <summary>A pod may be had now. Another request may take it first; then the wait goes on.</summary>
    Released,

    /// <summary>None came in time.</summary>
    TimedOut,

    /// <summary>The route already holds as many requests as it may.</summary>
    Full,

    /// <summary>The client left.</summary>
    Left,

    /// <summary>The route is gone, or another has its host.</summary>
    Unrouted,
}
