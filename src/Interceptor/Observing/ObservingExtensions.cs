using OpenTelemetry.Metrics;
using Wakegate.Contracts.Telemetry;
using Wakegate.Interceptor.Holding;
using Wakegate.Interceptor.Waking;

namespace Wakegate.Interceptor.Observing;

internal static class ObservingExtensions
{
    /// <summary>Metrics of routes and of the process, and what is sent by OTLP.</summary>
    public static void AddObserving(this WebApplicationBuilder builder)
    {
        var series = new RouteSeries();
        builder.Services.AddSingleton(series);
        builder.Services.AddSingleton<RouteHistograms>();
        builder.Services.AddSingleton<RouteGauges>();
        builder.Services.AddSingleton<WakeMetrics>();
        builder.AddTelemetry("wakegate-interceptor", metrics => metrics.AddView(instrument =>
            series.PlacesOf(instrument) is { } places ? new MetricStreamConfiguration { CardinalityLimit = places } : null));
    }

    /// <summary>What is collected exists from the start, not from the first request on.</summary>
    public static void UseObserving(this WebApplication app)
    {
        app.Services.GetRequiredService<RouteGauges>();
        app.Services.GetRequiredService<HoldMetrics>();
    }
}
