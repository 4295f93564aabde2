using System.Diagnostics;
using Grpc.Core;
using Wakegate.Contracts.Triggers;
using Wakegate.ExternalScaler.Pushing;

namespace Wakegate.ExternalScaler;

/// <summary>
/// Spans of KEDA's calls, by OpenTelemetry's conventions for gRPC. Null, and free, unless traces are collected.
/// See <see href="https://opentelemetry.io/docs/specs/semconv/rpc/grpc/"/>.
/// </summary>
internal static class ScalerSpans
{
    private const string Service = "externalscaler.ExternalScaler";

    private static readonly ActivitySource Source = new("Wakegate.ExternalScaler");

    /// <summary>A call of KEDA's, until it is disposed of.</summary>
    public static Activity? Call(ServerCallContext call)
    {
        if (!Source.HasListeners())
            return null;

        _ = ActivityContext.TryParse(call.RequestHeaders.GetValue("traceparent"), call.RequestHeaders.GetValue("tracestate"), isRemote: true, out var parent);
        return Start(call.Method[1..], parent);
    }

    public static void End(Activity? span, StatusCode code)
    {
        span?.SetTag("rpc.grpc.status_code", (int)code);

        // The server's own faults: of the others KEDA's request is the cause.
        if (code is StatusCode.Unknown or StatusCode.Unavailable or StatusCode.Internal)
            span?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", code.ToString());
    }

    /// <summary>A stream of KEDA's is told that its route is active. The requests that caused it have traces of their own.</summary>
    public static Activity? Push(RouteId route, PushCause cause) => Source.HasListeners()
        ? Start($"{Service}/StreamIsActive", default)?.SetTag("wakegate.route", route.ToString()).SetTag("wakegate.push.cause", cause.Name())
        : null;

    private static Activity? Start(string method, ActivityContext parent)
    {
        var slash = method.LastIndexOf('/');
        return Source.StartActivity(ActivityKind.Server, parent, name: method)?
            .SetTag("rpc.system", "grpc").SetTag("rpc.service", method[..slash]).SetTag("rpc.method", method[(slash + 1)..]);
    }
}
