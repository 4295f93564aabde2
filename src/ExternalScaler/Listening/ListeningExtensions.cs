using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Wakegate.Contracts.Ledger;
using Wakegate.Contracts.Settings;

namespace Wakegate.ExternalScaler.Listening;

internal static class ListeningExtensions
{
    // KEDA's own back-off ends no sooner.
    private static readonly TimeSpan ReadyAtLatest = TimeSpan.FromSeconds(3);

    /// <summary>The gRPC port and the admin port, with Kestrel's limits set for one client that puts everything on one connection.</summary>
    public static void AddListening(this WebApplicationBuilder builder)
    {
        builder.Services.Configure<ListenSettings>(listen => (listen.Port, listen.AdminPort) = (9090, 9091));
        builder.Services.AddValidatedOptions<ListenSettings>();
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<ListenSettings>>((kestrel, settings) => Configure(kestrel, settings.ValueIfValid()));

        // Streams end by themselves as the host stops; nothing else is worth waiting for.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
    }

    /// <summary>Ready as soon as Redis has been tried once, and never unready because of it: specs and streams need no Redis.</summary>
    public static void MapHealth(this WebApplication app)
    {
        var ledger = app.Services.GetRequiredService<LedgerReader>();
        var clock = app.Services.GetRequiredService<TimeProvider>();
        var started = clock.GetTimestamp();

        app.MapGet("/livez", () => "ok");
        app.MapGet("/readyz", () => ledger.Attempted.IsCompleted || clock.GetElapsedTime(started) >= ReadyAtLatest
            ? Results.Text("ok")
            : Results.Text("Redis has not been tried yet", statusCode: StatusCodes.Status503ServiceUnavailable));
    }

    private static void Configure(KestrelServerOptions kestrel, ListenSettings? settings)
    {
        kestrel.AddServerHeader = false;

        // KEDA has up to two streams open for every ScaledObject, next to its calls, all on one connection. At Kestrel's own limit of
        // 100 everything else would hang: KEDA sets no deadlines.
        kestrel.Limits.Http2.MaxStreamsPerConnection = 1_000_000;
        kestrel.Limits.Http2.InitialStreamWindowSize = 64 * 1024;
        kestrel.Limits.Http2.InitialConnectionWindowSize = 16 * 1024 * 1024;

        // A stream that says nothing for hours is in order; a peer that vanished without a word is not.
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);

        if (settings is not null)
        {
            Listen(kestrel, settings.ParsedAddress, settings.Port, HttpProtocols.Http2);
            Listen(kestrel, settings.ParsedAddress, settings.AdminPort, HttpProtocols.Http1);
        }
    }

    private static void Listen(KestrelServerOptions kestrel, IPAddress? address, int port, HttpProtocols protocols)
    {
        // Without an address IPv6 and IPv4, or where a node has only one of them, that.
        if (address is null)
            kestrel.ListenAnyIP(port, listen => listen.Protocols = protocols);
        else
            kestrel.Listen(address, port, listen => listen.Protocols = protocols);
    }
}
