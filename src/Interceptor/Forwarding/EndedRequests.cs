namespace Wakegate.Interceptor.Forwarding;

/// <summary>A route's requests that have ended, by class of status code. An array of counters, since every request adds to it.</summary>
internal sealed class EndedRequests
{
    private static readonly string[] Names = ["left", "1xx", "2xx", "3xx", "4xx", "5xx"];

    private readonly long[] counts = new long[Names.Length];

    /// <summary>Counts a request by its response, or as one whose client had left.</summary>
    public void Add(HttpContext context)
    {
        var index = context.RequestAborted.IsCancellationRequested ? 0 : Math.Clamp(context.Response.StatusCode / 100, 1, 5);
        Interlocked.Increment(ref counts[index]);
    }

    /// <summary>The classes of which there were any, and how many.</summary>
    public IEnumerable<(string Class, long Count)> ByClass()
    {
        for (var i = 0; i < counts.Length; i++)
        {
            if (Volatile.Read(ref counts[i]) is > 0 and var count)
            {
                yield return (Names[i], count);
            }
        }
    }
}
