using Microsoft.Extensions.Configuration;

namespace Wakegate.Contracts.Telemetry;

/// <summary>
/// What is to be sent by OTLP, by OpenTelemetry's standard variables, which are read as all settings are. The SDK reads the others of them
/// itself; these it leaves to the program.
/// See <see href="https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/"/>.
/// </summary>
internal sealed class OtlpSignals(IConfiguration configuration)
{
    private const string Otlp = "otlp";

    public bool Metrics => Wanted("METRICS");

    public bool Traces => Wanted("TRACES");

    /// <summary>Only where they are asked for by name: whoever collects a container's output would have them twice.</summary>
    public bool Logs => Exporters("LOGS") is { } named && Names(named) && Enabled;

    /// <summary>False where all of OpenTelemetry is turned off.</summary>
    public bool Enabled => !string.Equals(configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase);

    private bool Wanted(string signal) => Enabled && (Exporters(signal) is { } named ? Names(named) : HasEndpoint(signal));

    private string? Exporters(string signal) => configuration[$"OTEL_{signal}_EXPORTER"] is { Length: > 0 } value ? value : null;

    private bool HasEndpoint(string signal) =>
        configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 } || configuration[$"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"] is { Length: > 0 };

    private static bool Names(string exporters) =>
        exporters.Split(',', StringSplitOptions.TrimEntries).Contains(Otlp, StringComparer.OrdinalIgnoreCase);
}
