using System.Diagnostics;
using Wakegate.Interceptor.Forwarding;
using Wakegate.Interceptor.Holding;
using Wakegate.Interceptor.Routing;

namespace Wakegate.Interceptor.Tracing;

/// <summary>
/// A request's spans, by OpenTelemetry's conventions for HTTP: one of the server, one for each time that it is held, one for each attempt to
/// send it to a pod. Unless traces are collected there are none, and to find that out is all it costs.
/// See <see href="https://opentelemetry.io/docs/specs/semconv/http/http-spans/"/>.
/// </summary>
internal static class ProxySpans
{
    private const string ErrorType = "error.type";

    private static readonly ActivitySource Source = new("Wakegate.Interceptor");

    /// <summary>Whether anybody collects them.</summary>
    public static bool Collected => Source.HasListeners();

    /// <summary>A request has come: the server span, with the client's as its parent where it sent one. Null where nobody collects.</summary>
    public static Activity? Receive(HttpContext context)
    {
        var request = context.Request;
        var known = ActivityContext.TryParse(request.Headers.TraceParent, request.Headers.TraceState, isRemote: true, out var parent);
        var span = Source.StartActivity(ActivityKind.Server, known ? parent : default, name: Method(request));
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("http.request.method", Method(request))
                .SetTag("url.scheme", request.Scheme)
                .SetTag("url.path", request.Path.Value)
                .SetTag("server.address", request.Host.Host)
                .SetTag("network.protocol.version", request.Protocol[(request.Protocol.IndexOf('/', StringComparison.Ordinal) + 1)..]);
        }

        return span;
    }

    /// <summary>Whose request it is. No path: of those there is no end.</summary>
    public static void Routed(HttpContext context, Route route)
    {
        if (Collected && Activity.Current is { IsAllDataRequested: true } server)
        {
            server.DisplayName = $"{Method(context.Request)} {Name(route)}";
            server.SetTag("wakegate.route", Name(route));
        }
    }

    /// <summary>It is answered by ourselves.</summary>
    public static void Problem(string code) => Activity.Current?.SetTag("wakegate.problem", code);

    /// <summary>The request has ended.</summary>
    public static void Answered(Activity server, HttpContext context)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            Fail(server, "left");
            return;
        }

        var status = context.Response.StatusCode;
        server.SetTag("http.response.status_code", status);
        if (status >= StatusCodes.Status500InternalServerError)
        {
            Fail(server, server.GetTagItem("wakegate.problem") as string ?? Text(status));
        }
        else if (GrpcFailure.Of(context) is { } grpc)
        {
            Fail(server.SetTag("rpc.grpc.status_code", grpc), Text(grpc));
        }
    }

    /// <summary>It begins to wait for a place on a pod.</summary>
    public static Activity? Hold() => Activity.Current is { } server ? Source.StartActivity("hold", ActivityKind.Internal, server.Context) : null;

    /// <summary>The wait has ended.</summary>
    /// <param name="hold">Its span.</param>
    /// <param name="outcome">How.</param>
    /// <param name="moments">What happened meanwhile, and how long after the wait began.</param>
    public static void Held(Activity hold, HoldOutcome outcome, IEnumerable<(string Name, TimeSpan After)> moments)
    {
        foreach (var (name, after) in moments)
        {
            hold.AddEvent(new(name, new DateTimeOffset(hold.StartTimeUtc) + after));
        }

        hold.SetTag("wakegate.outcome", outcome.Name());
        if (outcome != HoldOutcome.Released)
        {
            Fail(hold, outcome.Name());
        }
    }

    /// <summary>It is sent to a pod.</summary>
    public static Activity? Send(HttpContext context, Pod pod)
    {
        var span = Activity.Current is { } server ? Source.StartActivity(Method(context.Request), ActivityKind.Client, server.Context) : null;
        return span?.SetTag("http.request.method", Method(context.Request))
            .SetTag("server.address", pod.Address.EndPoint.Address.ToString())
            .SetTag("server.port", pod.Address.EndPoint.Port)
            .SetTag("wakegate.pod", pod.Address.Name);
    }

    /// <summary>The pod's response has begun.</summary>
    public static void Responded(int status)
    {
        if (Collected && Activity.Current is { Kind: ActivityKind.Client } client)
        {
            client.SetTag("http.response.status_code", status);
            if (status >= StatusCodes.Status400BadRequest)
            {
                Fail(client, Text(status));
            }
        }
    }

    /// <summary>The attempt has ended.</summary>
    public static void Sent(Activity client, ForwardOutcome outcome)
    {
        if (outcome.Failure() is { } failure)
        {
            Fail(client, failure);
        }
    }

    private static void Fail(Activity span, string type) => span.SetStatus(ActivityStatusCode.Error).SetTag(ErrorType, type);

    private static string Name(Route route) => $"{route.Tags.Namespace.Value}/{route.Tags.Route.Value}";

    /// <summary>Clients can make methods up.</summary>
    private static string Method(HttpRequest request) =>
        request.Method is "GET" or "POST" or "PUT" or "PATCH" or "DELETE" or "HEAD" or "OPTIONS" or "CONNECT" or "TRACE" ? request.Method : "_OTHER";

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
