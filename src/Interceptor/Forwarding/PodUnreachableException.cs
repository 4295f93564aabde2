namespace Wakegate.Interceptor.Forwarding;

/// <summary>No connection to the pod could be made, so nothing of a request was sent. Thrown by <see cref="PodConnector"/> and its streams alone.</summary>
internal sealed class PodUnreachableException(string message, Exception inner) : IOException(message, inner)
{
    /// <summary>Whether an exception of a request comes from a connection that could not be made.</summary>
    public static bool IsCauseOf(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            if (error is PodUnreachableException)
            {
                return true;
            }
        }

        return false;
    }
}
