using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Balancer;
using Grpc.Net.Client.Configuration;

namespace Wakegate.Local.Keda;

/// <summary>
/// One channel for each scaler, on one HTTP/2 connection: as KEDA does, every stream and every call of all ScaledObjects shares it, so
/// that a scaler which allows too few streams on a connection hangs here too.
/// </summary>
internal sealed class ScalerChannels(KedaOptions options) : IDisposable
{
    private readonly ConcurrentDictionary<Uri, Lazy<GrpcChannel>> channels = new();

    public Protocol.ExternalScaler.ExternalScalerClient For(string scalerAddress) =>
        new(channels.GetOrAdd(Resolve(scalerAddress), endpoint => new Lazy<GrpcChannel>(() => Dial(endpoint))).Value);

    public void Dispose()
    {
        foreach (var channel in channels.Values)
            channel.Value.Dispose();
    }

    /// <summary>As the cluster's DNS: our scaler's name, written short or with <c>.svc</c> and the cluster's domain, leads to it.</summary>
    public Uri Resolve(string scalerAddress) =>
        string.Equals(Shorten(scalerAddress), Shorten(options.ScalerAddress), StringComparison.OrdinalIgnoreCase)
            ? options.ScalerEndpoint
            : new Uri($"http://{scalerAddress}");

    private static string Shorten(string address)
    {
        var port = address.LastIndexOf(':');
        var host = port < 0 ? address : address[..port];
        var labels = host.Split('.');
        return labels is [var service, var space, "svc", ..] ? $"{service}.{space}{address[host.Length..]}" : address;
    }

    // No deadline and no keep-alive: KEDA sets none.
    private GrpcChannel Dial(Uri endpoint)
    {
        var settings = new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                EnableMultipleHttp2Connections = false,
                PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
                UseProxy = false,
            },
            DisposeHttpClient = true,
            InitialReconnectBackoff = TimeSpan.FromSeconds(Math.Min(1, options.LongestReconnectBackoff.TotalSeconds)),
            MaxReconnectBackoff = options.LongestReconnectBackoff,
        };
        return endpoint == options.ScalerEndpoint && options.OtherScalerEndpoints.Count > 0
            ? DialAll(settings)
            : GrpcChannel.ForAddress(endpoint, settings);
    }

    /// <summary>As from KEDA 2.13: one connection to each address that the name has, and calls go round them.</summary>
    private GrpcChannel DialAll(GrpcChannelOptions settings)
    {
        var addresses = options.OtherScalerEndpoints.Prepend(options.ScalerEndpoint).Select(endpoint => new BalancerAddress(endpoint.Host, endpoint.Port)).ToList();
        settings.Credentials = ChannelCredentials.Insecure;
        settings.ServiceConfig = new ServiceConfig { LoadBalancingConfigs = { new RoundRobinConfig() } };
        settings.ServiceProvider = new ServiceCollection().AddSingleton<ResolverFactory>(new StaticResolverFactory(_ => addresses)).BuildServiceProvider();
        return GrpcChannel.ForAddress("static:///scaler", settings);
    }
}
