using Grpc.Core;
using Wakegate.Upstream.Hosting;

namespace Wakegate.Upstream.Conduct;

/// <summary>Makes requests slow and some of them fail.</summary>
internal sealed class Mishaps(RequestDelegate next, UpstreamOptions options, TimeProvider clock)
{
    private long requests;

    public Task InvokeAsync(HttpContext context) =>
        options.Latency == TimeSpan.Zero && options.ErrorRate == 0 ? next(context) : InvokeSlowlyAsync(context);

    private async Task InvokeSlowlyAsync(HttpContext context)
    {
        if (options.Latency > TimeSpan.Zero)
            await Task.Delay(options.Latency, clock, context.RequestAborted);

        if (Fails(Interlocked.Increment(ref requests)))
            await Refusal.WriteAsync(context, StatusCodes.Status500InternalServerError, StatusCode.Internal, "Failed: the error rate asks for it.");
        else
            await next(context);
    }

    // Spread evenly, not drawn: of 10 requests at a rate of 0.1 exactly one fails.
    private bool Fails(long request) =>
        Math.Floor(request * options.ErrorRate) > Math.Floor((request - 1) * options.ErrorRate);
}
