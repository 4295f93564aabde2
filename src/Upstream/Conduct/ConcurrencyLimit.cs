using Grpc.Core;
using Wakegate.Upstream.Hosting;

namespace Wakegate.Upstream.Conduct;

/// <summary>
/// Fails visibly when more requests come at once than the workload takes, so that whoever must not send more cannot miss it: the
/// answer carries the excess in a header, and the log has it too.
/// </summary>
internal sealed partial class ConcurrencyLimit(RequestDelegate next, UpstreamOptions options, ILogger<ConcurrencyLimit> log)
{
    public const string ExcessHeader = "x-upstream-excess";

    private int inFlight;

    public Task InvokeAsync(HttpContext context) =>
        options.MaxConcurrentRequests == 0 ? next(context) : AdmitAsync(context);

    private async Task AdmitAsync(HttpContext context)
    {
        var requests = Interlocked.Increment(ref inFlight);
        try
        {
            if (requests <= options.MaxConcurrentRequests)
                await next(context);
            else
                await RefuseAsync(context, requests);
        }
        finally
        {
            Interlocked.Decrement(ref inFlight);
        }
    }

    private Task RefuseAsync(HttpContext context, int requests)
    {
        LimitExceeded(log, requests, options.MaxConcurrentRequests);
        context.Response.Headers[ExcessHeader] = $"{requests} at once, {options.MaxConcurrentRequests} allowed";
        return Refusal.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, StatusCode.ResourceExhausted,
            $"{requests} requests at once, but {options.MaxConcurrentRequests} are allowed.");
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Requests} requests at once, but {Limit} are allowed.")]
    private static partial void LimitExceeded(ILogger logger, int requests, int limit);
}
