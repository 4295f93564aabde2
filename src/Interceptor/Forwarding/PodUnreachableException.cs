namespace Wakegate.Interceptor.Forwarding;

/// <summary>No connection to the pod could be made, so nothing of a request was sent. Thrown by <see cref="PodConnector"/> and its streams alone.</summary>
internal sealed class PodUnreachableException(string message, Exception inner) : IOException(message, inner);
