namespace Wakegate.Interceptor.Forwarding;

/// <summary>No connection to the pod could be made, so nothing of a request was sent. Thrown by <see cref="PodConnector"/> and its streams alone.</summary>
/// <param name="message">What happened.</param>
/// <param name="inner">Why.</param>
/// <param name="accepted">Whether something there had accepted a connection, and ended it itself before a request could be sent.</param>
internal sealed class PodUnreachableException(string message, Exception inner, bool accepted = false) : IOException(message, inner)
{
    public bool Accepted => accepted;

    /// <summary>The one that a failure is or has among its causes; null where there is none.</summary>
    public static PodUnreachableException? In(Exception? failure)
    {
        while (failure is not null and not PodUnreachableException)
        {
            failure = failure.InnerException;
        }

        return failure as PodUnreachableException;
    }
}
