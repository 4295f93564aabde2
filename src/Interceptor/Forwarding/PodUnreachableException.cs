namespace Wakegate.Interceptor.Forwarding;

/// <summary>No connection to the pod could be made, so nothing of a request was sent. Thrown by <see cref="PodConnector"/> and its streams alone.</summary>
internal sealed class PodUnreachableException(string message, Exception inner) : IOException(message, inner)
{
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
