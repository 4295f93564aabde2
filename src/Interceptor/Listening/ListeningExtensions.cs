using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;
using Wakegate.Contracts.Settings;
using Wakegate.Contracts.Sockets;
using Wakegate.Interceptor.Holding;

namespace Wakegate.Interceptor.Listening;

internal static class ListeningExtensions
{
    /// <summary>The traffic port and the admin port, with Kestrel's limits set for a proxy that holds requests.</summary>
    public static void AddListening(this WebApplicationBuilder builder)
    {
        builder.Services.Configure<ListenSettings>(listen => (listen.Port, listen.AdminPort) = (8080, 8081));
        builder.Services.AddValidatedOptions<ListenSettings>();
        builder.Services.AddSingleton<IConnectionListenerFactory, LentListenerFactory>();
        builder.Services.AddSingleton<SharedPort>();
        AddConnectionMemory(builder.Services);
        builder.Services.Configure<SocketTransportOptions>(options =>
        {
            options.MaxReadBufferSize = HeldBody.TransportBuffer;
            options.CreateBoundListenSocket = Bind;
        });
        builder.Services.AddOptions<KestrelServerOptions>().Configure<SharedPort, IOptions<ListenSettings>>(Configure);
    }

    private static void AddConnectionMemory(IServiceCollection services)
    {
        // Its type is Kestrel's own, and so it is registered by a factory.
        var kestrel = services.Last(service => service.ServiceType == typeof(IMemoryPoolFactory<byte>));
        services.AddSingleton<IMemoryPoolFactory<byte>>(provider => new ConnectionMemoryFactory((IMemoryPoolFactory<byte>)kestrel.ImplementationFactory!(provider)));
    }

    private static Socket Bind(EndPoint endpoint)
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        SocketLiveness.Watch(socket);
        return socket;
    }

    private static void Configure(KestrelServerOptions kestrel, SharedPort shared, IOptions<ListenSettings> settings)
    {
        kestrel.AddServerHeader = false;

        // Bytes of header values pass unchanged in both directions, whatever their encoding.
        kestrel.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
        kestrel.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;

        // Size and pace of bodies are between the client and the workload.
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;

        // A gateway puts many routes on one HTTP/2 connection. A held stream must cost its neighbours nothing: not their place
        // among the streams, and not their part of the connection's window.
        kestrel.Limits.Http2.MaxStreamsPerConnection = 10_000;
        kestrel.Limits.Http2.InitialStreamWindowSize = HeldBody.StreamWindow;
        kestrel.Limits.Http2.InitialConnectionWindowSize = int.MaxValue;

        // A peer that vanished without a word frees what it held: here the streams of a proxy's connection, which may live on.
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);

        kestrel.Listen(new LentEndPoint(), shared.Borrow);
        if (settings.ValueIfValid() is { } listen)
        {
            Listen(kestrel, listen.ParsedAddress, listen.Port, shared.Share);
            Listen(kestrel, listen.ParsedAddress, listen.AdminPort, ClientConnection.MarkAdmin);
        }
    }

    private static void Listen(KestrelServerOptions kestrel, IPAddress? address, int port, Action<ListenOptions> configure)
    {
        if (address is null)
        {
            // IPv6 and IPv4, or where a node has only one of them, that.
            kestrel.ListenAnyIP(port, configure);
        }
        else
        {
            kestrel.Listen(address, port, configure);
        }
    }
}
