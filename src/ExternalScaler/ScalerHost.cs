using Wakegate.Contracts.Ledger;
using Wakegate.Contracts.Telemetry;
using Wakegate.ExternalScaler.Answering;
using Wakegate.ExternalScaler.Listening;
using Wakegate.ExternalScaler.Pushing;

namespace Wakegate.ExternalScaler;

/// <summary>The external scaler: answers KEDA from the ledger.</summary>
public static class ScalerHost
{
    /// <param name="args">The command line, as configuration.</param>
    /// <param name="configure">What a test replaces: the clock, the settings.</param>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.AddLogging();
        builder.Services.AddLedgerReader();
        builder.Services.AddAnswering();
        builder.Services.AddPushing();
        builder.Services.AddSingleton<ScalerMetrics>();
        builder.AddTelemetry("wakegate-scaler");
        builder.AddListening();
        configure?.Invoke(builder);

        var app = builder.Build();
        app.MapGrpcService<ScalerService>();
        app.MapHealth();
        app.MapPrometheusScrapingEndpoint("/metrics");
        return app;
    }
}
