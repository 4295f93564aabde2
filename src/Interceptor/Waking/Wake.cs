using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;

namespace Wakegate.Interceptor.Waking;

/// <summary>One wake-up of a route from zero: who caused it, and when what happened. Times are timestamps of the clock; null is not yet, or never seen.</summary>
internal sealed record Wake
{
    /// <summary>When the request that caused it arrived.</summary>
    public required long Arrived { get; init; }

    /// <summary>The same by the calendar.</summary>
    public required DateTimeOffset At { get; init; }

    public required WakeCause Cause { get; init; }

    /// <summary>The server span of that request, where it is traced.</summary>
    public Activity? Trace { get; init; }

    /// <summary>The ledger has it, so the scaler is told.</summary>
    public long? Signalled { get; init; }

    /// <summary>A pod has a node. Seen where pods are watched.</summary>
    public long? Scheduled { get; init; }

    /// <summary>A container of a pod runs. Seen where pods are watched.</summary>
    public long? Started { get; init; }

    /// <summary>The first endpoint takes traffic.</summary>
    public long? Ready { get; init; }

    /// <summary>The first byte went to a pod.</summary>
    public long? Reached { get; init; }

    /// <summary>It was over, in whatever way.</summary>
    public long? Ended { get; init; }

    /// <summary>How it ended; null while it goes on.</summary>
    public WakeOutcome? Outcome { get; init; }
}

/// <summary>How a wake-up ended.</summary>
internal enum WakeOutcome
{
    /// <summary>A pod got the first request.</summary>
    Served,

    /// <summary>No pod was ready in time.</summary>
    TimedOut,

    /// <summary>Kubernetes knows that no pod will come.</summary>
    Hopeless,

    /// <summary>No client waited any more.</summary>
    Left,

    /// <summary>The route is gone.</summary>
    Unrouted,
}

/// <summary>Who woke a route. Without a query, which may hold secrets.</summary>
internal sealed record WakeCause(string Method, string Host, string Path, string? Client, string? UserAgent, string? TraceId)
{
    private const int Longest = 200;

    public static WakeCause Of(HttpContext context) => new(
        context.Request.Method,
        Cut(context.Request.Headers.Host.ToString()),
        Cut(context.Request.Path.Value ?? ""),
        context.Request.Headers["X-Forwarded-For"] is [{ Length: > 0 } first, ..] ? Cut(first) : Listening.ClientConnection.Of(context)?.Address,
        context.Request.Headers.UserAgent is [{ Length: > 0 } agent, ..] ? Cut(agent) : null,
        TraceIdOf(context));

    private static string? TraceIdOf(HttpContext context) =>
        context.Features.Get<IHttpActivityFeature>()?.Activity.TraceId.ToHexString()
        ?? (ActivityContext.TryParse(context.Request.Headers.TraceParent, null, out var trace) ? trace.TraceId.ToHexString() : null);

    private static string Cut(string text) => text.Length <= Longest ? text : $"{text[..Longest]}…";
}
