using System.Collections.Concurrent;
using Grpc.Net.Client;

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
    private GrpcChannel Dial(Uri endpoint) => GrpcChannel.ForAddress(endpoint, new GrpcChannelOptions
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
    });
}
