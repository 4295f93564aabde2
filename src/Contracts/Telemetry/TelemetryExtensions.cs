using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Wakegate.Contracts.Telemetry;

/// <summary>Metrics, traces and logs, the same for both services.</summary>
public static class TelemetryExtensions
{
    /// <summary>
    /// Metrics for Prometheus, and what the standard <c>OTEL_*</c> variables ask for by OTLP. Where they ask for no traces nobody listens to
    /// any <see cref="System.Diagnostics.ActivitySource"/>, and requests cost nothing.
    /// </summary>
    /// <param name="builder">The host's.</param>
    /// <param name="service">Its name where <c>OTEL_SERVICE_NAME</c> gives no other.</param>
    /// <param name="metrics">Views of the host's own.</param>
    public static void AddTelemetry(this IHostApplicationBuilder builder, string service, Action<MeterProviderBuilder>? metrics = null)
    {
        var otlp = new OtlpSignals(builder.Configuration);
        var version = typeof(TelemetryExtensions).Assembly.GetName().Version?.ToString(3);
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(service, serviceVersion: version).AddEnvironmentVariableDetector())
            .WithMetrics(provider => AddMetrics(provider, otlp, metrics));
        if (otlp.Traces)
        {
            telemetry.WithTracing(provider => provider.AddSource("Wakegate.*").AddOtlpExporter());
        }

        if (otlp.Logs)
        {
            telemetry.WithLogging(provider => provider.AddOtlpExporter());
        }
    }

    /// <summary>Whether requests are traced.</summary>
    public static bool IsTraced(this IHostApplicationBuilder builder) => new OtlpSignals(builder.Configuration).Traces;

    private static void AddMetrics(MeterProviderBuilder provider, OtlpSignals otlp, Action<MeterProviderBuilder>? more)
    {
        provider
            .AddMeter("Wakegate.*", RuntimeInstruments.Meter)
            .AddView(RuntimeInstruments.View)
            .AddInstrumentation(static services => new ThreadPoolMetrics(services.GetRequiredService<IMeterFactory>()))
            .SetExemplarFilter(ExemplarFilterType.TraceBased)
            .AddPrometheusExporter(static exporter => exporter.ScopeInfoEnabled = false);
        if (otlp.Metrics)
        {
            provider.AddOtlpExporter();
        }

        more?.Invoke(provider);
    }
}
