using Microsoft.Extensions.DependencyInjection.Extensions;
using Wakegate.Contracts.Ledger;
using Wakegate.Contracts.Telemetry;
using Wakegate.Interceptor.Draining;
using Wakegate.Interceptor.Forwarding;
using Wakegate.Interceptor.Listening;
using Wakegate.Interceptor.Observing;
using Wakegate.Interceptor.Page;
using Wakegate.Interceptor.Routing;
using Wakegate.Interceptor.Tracing;
using Wakegate.Interceptor.Watching;

namespace Wakegate.Interceptor;

/// <summary>The interceptor: the data plane.</summary>
internal static class InterceptorHost
{
    /// <param name="args">The command line, as configuration.</param>
    /// <param name="configure">What a test replaces: the clock, the settings.</param>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.AddLogging();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddLedgerWriter();
        builder.Services.AddWatching();
        builder.Services.AddForwarding();
        builder.Services.AddDraining();
        builder.AddObserving();
        builder.Services.AddPage();
        builder.AddListening();
        configure?.Invoke(builder);

        var app = builder.Build();
        app.UseObserving();
        if (builder.IsTraced())
        {
            app.UseMiddleware<TraceMiddleware>();
        }

        app.UseMiddleware<ProxyMiddleware>();
        app.UseRouting();
        app.MapGet("/livez", () => "ok");
        app.MapGet("/readyz", (RouteTable routes, Drain drain, WatchHealth watches) => Readiness(routes, drain, watches));
        app.MapPrometheusScrapingEndpoint("/metrics");
        app.MapPage();
        return app;
    }

    private static IResult Readiness(RouteTable routes, Drain drain, WatchHealth watches) => (routes.Complete, drain.Leaving) switch
    {
        (_, true) => Results.Text("leaving", statusCode: StatusCodes.Status503ServiceUnavailable),
        (false, _) => Results.Text($"the cluster's ScaledObjects have not been read yet\n{watches}", statusCode: StatusCodes.Status503ServiceUnavailable),
        _ => Results.Text($"ok\n{watches}".TrimEnd()),
    };
}
