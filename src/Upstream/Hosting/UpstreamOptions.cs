using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Wakegate.Upstream.Hosting;

/// <summary>How the sample workload is to behave.</summary>
public sealed record UpstreamOptions
{
    /// <summary><c>POD_IP</c>: the address to listen on.</summary>
    public required IPAddress PodIp { get; init; }

    /// <summary><c>PORT</c>: the port to listen on; 0 takes a free one.</summary>
    public required int Port { get; init; }

    /// <summary><c>POD_NAME</c>: the name that answers carry; by default the machine's.</summary>
    public required string PodName { get; init; }

    /// <summary><c>Upstream__Protocols</c>: <c>http1</c>, or <c>h2c</c> for gRPC; a port without TLS cannot offer both.</summary>
    public required HttpProtocols Protocols { get; init; }

    /// <summary><c>Upstream__StartupDelay</c>: how long the workload takes to start.</summary>
    public required TimeSpan StartupDelay { get; init; }

    /// <summary><c>Upstream__ListenDuringStartup</c>: whether it listens, not ready, while it starts, or only afterwards.</summary>
    public required bool ListenDuringStartup { get; init; }

    /// <summary><c>Upstream__Ready</c>: where the readiness switch stands at first.</summary>
    public required bool Ready { get; init; }

    /// <summary><c>Upstream__Latency</c>: added to every request.</summary>
    public required TimeSpan Latency { get; init; }

    /// <summary><c>Upstream__ErrorRate</c>: the share of requests that fail, 0 to 1.</summary>
    public required double ErrorRate { get; init; }

    /// <summary><c>Upstream__MaxConcurrentRequests</c>: more than these at once are refused; 0 is no limit.</summary>
    public required int MaxConcurrentRequests { get; init; }

    /// <summary>Reads and checks all settings.</summary>
    /// <exception cref="OptionsValidationException">Names every setting that is wrong.</exception>
    public static UpstreamOptions Read(IConfiguration configuration)
    {
        var settings = new Settings(configuration);
        var options = new UpstreamOptions
        {
            PodIp = settings.Read("POD_IP", IPAddress.Loopback, IPAddress.TryParse, "an IP address"),
            Port = settings.Read("PORT", 8080, Settings.Count(65_535), "a port from 0 to 65535"),
            PodName = configuration["POD_NAME"] is { Length: > 0 } name ? name : Environment.MachineName,
            Protocols = settings.Read("Upstream:Protocols", HttpProtocols.Http1, TryProtocols, "http1 or h2c"),
            StartupDelay = settings.Read("Upstream:StartupDelay", TimeSpan.Zero, Duration.TryParse, Duration.Form),
            ListenDuringStartup = settings.Read("Upstream:ListenDuringStartup", false, bool.TryParse, "true or false"),
            Ready = settings.Read("Upstream:Ready", true, bool.TryParse, "true or false"),
            Latency = settings.Read("Upstream:Latency", TimeSpan.Zero, Duration.TryParse, Duration.Form),
            ErrorRate = settings.Read("Upstream:ErrorRate", 0d, Settings.TryShare, "a number from 0 to 1"),
            MaxConcurrentRequests = settings.Read(
                "Upstream:MaxConcurrentRequests", 0, Settings.Count(1_000_000), "a number from 0 (no limit) to 1000000"),
        };
        settings.ThrowIfAnyIsWrong();
        return options;
    }

    private static bool TryProtocols(string value, out HttpProtocols protocols)
    {
        protocols = value is "h2c" ? HttpProtocols.Http2 : HttpProtocols.Http1;
        return value is "http1" or "h2c";
    }
}
