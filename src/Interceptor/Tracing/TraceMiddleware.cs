using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Wakegate.Interceptor.Listening;

namespace Wakegate.Interceptor.Tracing;

/// <summary>The server span of each request on the traffic port. In the pipeline only where traces are collected.</summary>
internal sealed class TraceMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context) => ClientConnection.Of(context) is { IsAdmin: true } ? next(context) : TraceAsync(context);

    private async Task TraceAsync(HttpContext context)
    {
        using var span = ProxySpans.Receive(context);
        if (span is not null)
        {
            // For those that act for a request on another thread.
            context.Features.Set<IHttpActivityFeature>(new ServerSpan { Activity = span });
        }

        try
        {
            await next(context);
        }
        finally
        {
            if (span is { IsAllDataRequested: true })
            {
                ProxySpans.Answered(span, context);
            }
        }
    }

    private sealed class ServerSpan : IHttpActivityFeature
    {
        public required Activity Activity { get; set; }
    }
}
