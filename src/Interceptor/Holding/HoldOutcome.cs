namespace Wakegate.Interceptor.Holding;

/// <summary>How a request's wait for a pod ended.</summary>
internal enum HoldOutcome
{
    /// <summary>A pod has a place for it.</summary>
    Released,

    /// <summary>None came in time.</summary>
    TimedOut,

    /// <summary>The route already holds as many requests as it may.</summary>
    Full,

    /// <summary>The interceptor holds so much that this route may hold no more of it.</summary>
    OverBudget,

    /// <summary>Kubernetes knows that no pod will come.</summary>
    Hopeless,

    /// <summary>The client left.</summary>
    Left,

    /// <summary>The route is gone, or another has its host.</summary>
    Unrouted,

    /// <summary>The interceptor is stopping and could not wait any longer.</summary>
    Stopping,
}

internal static class HoldOutcomes
{
    /// <summary>As metrics and traces name it.</summary>
    public static string Name(this HoldOutcome outcome) => outcome switch
    {
        HoldOutcome.Released => "released",
        HoldOutcome.TimedOut => "timed_out",
        HoldOutcome.Full => "full",
        HoldOutcome.OverBudget => "over_budget",
        HoldOutcome.Hopeless => "hopeless",
        HoldOutcome.Left => "left",
        HoldOutcome.Stopping => "stopping",
        _ => "unrouted",
    };
}
