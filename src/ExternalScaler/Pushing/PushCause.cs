namespace Wakegate.ExternalScaler.Pushing;

/// <summary>Why a stream is told that its route is active.</summary>
internal enum PushCause
{
    /// <summary>It was, when the stream was opened.</summary>
    Open,

    /// <summary>It has just become so.</summary>
    Active,

    /// <summary>A request has begun to wait for a first pod.</summary>
    Waking,

    /// <summary>One still does: KEDA may have dropped what it was told, or decided on a Deployment it had cached.</summary>
    Repeat,
}

internal static class PushCauses
{
    /// <summary>As metrics and traces name it.</summary>
    public static string Name(this PushCause cause) => cause switch
    {
        PushCause.Open => "open",
        PushCause.Active => "active",
        PushCause.Waking => "waking",
        _ => "repeat",
    };
}
