using Wakegate.Interceptor.Forwarding;

namespace Wakegate.Interceptor.Observing;

/// <summary>What came of a route's requests, since it appeared. Whoever reads it gets sums that only grow.</summary>
internal sealed class RouteTally
{
    private static readonly string[] Classes = ["left", "1xx", "2xx", "3xx", "4xx", "5xx"];

    // Warm ones, then cold ones. An array, since every request adds to it.
    private readonly long[] ended = new long[2 * Classes.Length];

    /// <summary>Answers of our own, by the problem's code.</summary>
    public LabelledCounts Problems { get; } = new();

    /// <summary>Attempts that a pod failed, by reason.</summary>
    public LabelledCounts PodFailures { get; } = new();

    /// <summary>Requests sent to a pod again, by the reason why.</summary>
    public LabelledCounts Retries { get; } = new();

    /// <summary>Wake-ups that ended, by outcome.</summary>
    public LabelledCounts Wakes { get; } = new();

    /// <summary>Requests that ended.</summary>
    public long Requests => ended.Sum();

    /// <summary>Those of them that were answered with a server error.</summary>
    public long Errors => Volatile.Read(ref ended[5]) + Volatile.Read(ref ended[Classes.Length + 5]);

    /// <summary>Counts a request by its response, or as one whose client had left.</summary>
    /// <param name="context">The request.</param>
    /// <param name="cold">Whether it waited for a first pod.</param>
    public void Ended(HttpContext context, bool cold)
    {
        var index = context.RequestAborted.IsCancellationRequested ? 0 : Math.Clamp(context.Response.StatusCode / 100, 1, 5);
        Interlocked.Increment(ref ended[cold ? Classes.Length + index : index]);
    }

    /// <summary>An attempt to forward a request has ended otherwise than with an answer.</summary>
    /// <param name="outcome">How.</param>
    /// <param name="again">Whether the request is sent again.</param>
    public void Attempted(ForwardOutcome outcome, bool again)
    {
        if (outcome.Failure() is not { } reason)
        {
            return;
        }

        PodFailures.Add(reason);
        if (again)
        {
            Retries.Add(reason);
        }
    }

    /// <summary>Those that ended, by class of status code and by how they began; only what there was.</summary>
    public IEnumerable<(string Class, string Start, long Count)> ByClass()
    {
        for (var i = 0; i < ended.Length; i++)
        {
            if (Volatile.Read(ref ended[i]) is > 0 and var count)
            {
                yield return (Classes[i % Classes.Length], i < Classes.Length ? "warm" : "cold", count);
            }
        }
    }
}
