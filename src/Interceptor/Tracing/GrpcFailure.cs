using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Wakegate.Interceptor.Forwarding;

namespace Wakegate.Interceptor.Tracing;

/// <summary>What a gRPC response says of itself, whose HTTP status is 200 whatever came of the call.</summary>
internal static class GrpcFailure
{
    private const string Status = "grpc-status";

    /// <summary>The status where it is a fault of the server's, by OpenTelemetry's conventions; else null.</summary>
    public static int? Of(HttpContext context) =>
        PodProtocol.IsGrpc(context.Request)
        && int.TryParse(Text(context), NumberStyles.None, CultureInfo.InvariantCulture, out var status)
        && status is 2 or 4 or 12 or 13 or 14 or 15 ? status : null;

    private static string? Text(HttpContext context)
    {
        // Early, in the trailers-only form, or late.
        var trailers = context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers;
        return context.Response.Headers.TryGetValue(Status, out var text) || trailers?.TryGetValue(Status, out text) == true ? text.ToString() : null;
    }
}
