namespace Wakegate.Interceptor.Forwarding;

/// <summary>How an attempt to forward a request ended.</summary>
internal enum ForwardOutcome
{
    /// <summary>The pod answered, and the client has the whole answer.</summary>
    Answered,

    /// <summary>Not one byte reached the pod, or it says that it has not looked at the request: another may be tried.</summary>
    Unsent,

    /// <summary>Not one byte reached the pod, which does not speak the protocol that this request needs, or not under its name, and answers others: no use to try again.</summary>
    Declined,

    /// <summary>The connection broke before a response, and the request may be repeated: its method is safe and it has no body.</summary>
    Reset,

    /// <summary>The connection broke before a response, and the pod may have seen the request.</summary>
    Failed,

    /// <summary>The pod's response is one that cannot be passed on, and none of it has been.</summary>
    BadResponse,

    /// <summary>The response broke off; the client has been told by a reset.</summary>
    Broken,

    /// <summary>The time for the response or for the exchange ran out.</summary>
    TimedOut,

    /// <summary>The time ran out while the client had still to send of its body, and the pod had all that had come.</summary>
    BodyTimedOut,

    /// <summary>The client's body could not be read: it is malformed.</summary>
    BadRequest,

    /// <summary>The interceptor is stopping and could not wait any longer.</summary>
    Stopping,

    /// <summary>The client left.</summary>
    Left,
}

internal static class ForwardOutcomes
{
    /// <summary>How a pod failed, as metrics and traces name it; null where it is not to blame.</summary>
    public static string? Failure(this ForwardOutcome outcome) => outcome switch
    {
        ForwardOutcome.Unsent => "unreachable",
        ForwardOutcome.Declined => "declined",
        ForwardOutcome.Reset => "reset",
        ForwardOutcome.Failed => "lost",
        ForwardOutcome.BadResponse => "bad_response",
        ForwardOutcome.Broken => "broken",
        ForwardOutcome.TimedOut => "timed_out",
        _ => null,
    };
}
