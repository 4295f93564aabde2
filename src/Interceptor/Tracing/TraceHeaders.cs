using System.Diagnostics;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Wakegate.Interceptor.Tracing;

/// <summary>The trace context that goes to a pod (<see href="https://www.w3.org/TR/trace-context/"/>).</summary>
internal static class TraceHeaders
{
    /// <summary>The client's own, as they came; and where traces are collected the attempt's span is the parent of what the pod does.</summary>
    public static void Copy(HttpRequest from, HttpRequestMessage to)
    {
        // YARP leaves these to the HTTP client's own tracing, which is off here.
        Copy(HeaderNames.TraceParent, from.Headers.TraceParent, to);
        Copy(HeaderNames.TraceState, from.Headers.TraceState, to);
        Copy(HeaderNames.Baggage, from.Headers.Baggage, to);
        Copy(HeaderNames.RequestId, from.Headers.RequestId, to);

        if (ProxySpans.Collected && Activity.Current is { } span)
        {
            Replace(to, HeaderNames.TraceParent, span.Id);
            Replace(to, HeaderNames.TraceState, span.TraceStateString);
        }
    }

    private static void Copy(string name, StringValues values, HttpRequestMessage to)
    {
        if (values.Count > 0)
        {
            to.Headers.Remove(name);
            to.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)values);
        }
    }

    private static void Replace(HttpRequestMessage message, string name, string? value)
    {
        message.Headers.Remove(name);
        if (value is { Length: > 0 })
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }
    }
}
