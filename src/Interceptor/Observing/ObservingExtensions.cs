using OpenTelemetry.Metrics;
using Wakegate.Interceptor.Holding;
using Wakegate.Interceptor.Waking;

namespace Wakegate.Interceptor.Observing;

internal static class ObservingExtensions
{
    /// <summary>Of one instrument: as many as 10,000 routes have.</summary>
    private const int MostSeries = 100_000;

    /// <summary>Metrics of routes and of the process, for Prometheus.</summary>
    public static void AddObserving(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<RouteHistograms>();
        builder.Services.AddSingleton<RouteGauges>();
        builder.Services.AddSingleton<WakeMetrics>();
        builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter("Wakegate.*")
            .AddView(static instrument => instrument.Meter.Name.StartsWith("Wakegate.Interceptor", StringComparison.Ordinal)
                ? new MetricStreamConfiguration { CardinalityLimit = MostSeries } : null)
            .SetExemplarFilter(ExemplarFilterType.TraceBased)
            .AddPrometheusExporter(static exporter => exporter.ScopeInfoEnabled = false));
    }

    /// <summary>What is collected exists from the start, not from the first request on.</summary>
    public static void UseObserving(this WebApplication app)
    {
        app.Services.GetRequiredService<RouteGauges>();
        app.Services.GetRequiredService<HoldMetrics>();
    }
}
