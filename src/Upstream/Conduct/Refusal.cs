using System.Globalization;
using Grpc.Core;

namespace Wakegate.Upstream.Conduct;

/// <summary>An answer that says no, in the words of the caller's protocol.</summary>
internal static class Refusal
{
    public static Task WriteAsync(HttpContext context, int status, StatusCode grpcStatus, string reason)
    {
        if (context.Request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) != true)
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(reason + "\n", context.RequestAborted);
        }

        // Without a body, gRPC takes its status from the headers ("Trailers-Only").
        context.Response.ContentType = "application/grpc";
        context.Response.Headers["grpc-status"] = ((int)grpcStatus).ToString(CultureInfo.InvariantCulture);
        context.Response.Headers["grpc-message"] = reason;
        return Task.CompletedTask;
    }
}
