using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Wakegate.Upstream.Conduct;
using Wakegate.Upstream.Greeting;
using Wakegate.Upstream.Http;

namespace Wakegate.Upstream.Hosting;

/// <summary>The sample workload: an HTTP echo or a gRPC greeter that is as slow, flaky or limited as its settings say.</summary>
public static class UpstreamHost
{
    /// <summary>Builds the workload, not yet started.</summary>
    /// <param name="args">Settings as command line, for example <c>--PORT=0 --Upstream:Latency=50ms</c>; they win over the environment.</param>
    /// <param name="configure">Called before the host is built, so that a test can bring its own clock or logs.</param>
    /// <exception cref="OptionsValidationException">A setting is wrong; it names all that are.</exception>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        var options = UpstreamOptions.Read(builder.Configuration);

        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<Readiness>();
        builder.Services.AddSingleton<Tally>();
        builder.Services.AddHostedService<SlowStart>();
        builder.Services.AddGrpc();
        builder.Services.AddGrpcHealthChecks().AddCheck<ReadinessCheck>("ready");
        builder.Services.Configure<HealthCheckPublisherOptions>(publisher =>
        {
            publisher.Delay = TimeSpan.Zero;
            publisher.Period = TimeSpan.FromSeconds(1);
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(20));
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, options));
        configure?.Invoke(builder);

        return Map(builder.Build());
    }

    private static void Listen(KestrelServerOptions kestrel, UpstreamOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.Http2.MaxStreamsPerConnection = 10_000;
        kestrel.Listen(new IPEndPoint(options.PodIp, options.Port), endpoint => endpoint.Protocols = options.Protocols);
    }

    private static WebApplication Map(WebApplication app)
    {
        app.UseWhen(IsWork, work => work
            .UseMiddleware<ConcurrencyLimit>()
            .UseMiddleware<Mishaps>());
        app.UseWebSockets();
        app.UseRouting();

        app.MapGrpcHealthChecksService();
        app.MapGrpcService<GreeterService>();
        app.MapReadiness();
        app.MapWebSocketEcho();
        app.MapLines();
        app.MapEcho();
        return app;
    }

    // What asks after the workload's health is not part of its work: it is neither limited nor slowed down.
    private static bool IsWork(HttpContext context) =>
        !context.Request.Path.StartsWithSegments("/readyz", StringComparison.Ordinal)
        && !context.Request.Path.StartsWithSegments("/ready", StringComparison.Ordinal)
        && !context.Request.Path.StartsWithSegments("/grpc.health.v1.Health", StringComparison.Ordinal);
}
