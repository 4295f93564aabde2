using System.Net;
using k8s;
using Microsoft.Extensions.Options;
using Wakegate.Contracts.Settings;
using Wakegate.Contracts.Sockets;
using Wakegate.Interceptor.Routing;
using Wakegate.Interceptor.Waking;

namespace Wakegate.Interceptor.Watching;

internal static class WatchingExtensions
{
    /// <summary>Routes and pods, from the Kubernetes API.</summary>
    public static void AddWatching(this IServiceCollection services)
    {
        services.AddValidatedOptions<WatchSettings>();
        services.AddSingleton(Connect);
        services.AddSingleton<IKubernetes>(provider => provider.GetRequiredService<Kubernetes>());
        services.AddSingleton<RouteTable>();
        services.AddSingleton<RouteFactory>();
        services.AddSingleton<WatchMetrics>();
        services.AddSingleton<WatchHealth>();
        services.AddSingleton<ScaledObjectEvents>();
        services.AddHostedService<EventWriter>();
        services.AddSingleton(CreateCluster);
        services.AddHostedService<WatchService>();
        services.AddValidatedOptions<WakeSettings>();
        services.AddSingleton<WakingRoutes>();
        services.AddHostedService<WakeService>();
        services.AddSingleton<Inquiries>();
        services.AddHostedService<OutlookService>();
    }

    private static Kubernetes Connect(IServiceProvider services)
    {
        var server = services.GetRequiredService<IConfiguration>()["Kubernetes:ServerAddress"];
        var config = server is null ? KubernetesClientConfiguration.BuildDefaultConfig() : new() { Host = server };
        config.FirstMessageHandlerSetup = handler =>
        {
            // The client reads answers by calls that block.
            PooledStream.Use(handler);

            // An API server compresses large lists for those who can take it: a page of slices to a tenth.
            handler.AutomaticDecompression = DecompressionMethods.GZip;

            // A watch is silent for long: only a ping tells a quiet server from a dead one.
            handler.KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests;
            handler.KeepAlivePingDelay = TimeSpan.FromSeconds(15);
            handler.KeepAlivePingTimeout = TimeSpan.FromSeconds(10);
        };
        return new Kubernetes(config);
    }

    private static Cluster CreateCluster(IServiceProvider services)
    {
        var settings = services.GetRequiredService<IOptions<WatchSettings>>().Value;
        var events = services.GetRequiredService<ScaledObjectEvents>();
        var registry = new RouteRegistry(
            services.GetRequiredService<RouteTable>(), services.GetRequiredService<RouteFactory>(), settings.ScalerAddress, events);
        return new Cluster(registry, new ServiceEndpoints(settings.AllowForeignEndpoints), events);
    }
}
