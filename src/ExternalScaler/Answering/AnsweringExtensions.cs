using Wakegate.Contracts.Settings;

namespace Wakegate.ExternalScaler.Answering;

internal static class AnsweringExtensions
{
    public static void AddAnswering(this IServiceCollection services)
    {
        services.AddValidatedOptions<ScalerSettings>();
        services.AddSingleton<RouteMetrics>();
        services.AddSingleton<PolledRoutes>();
        services.AddSingleton<ScalerService>();
        services.AddGrpc(grpc => grpc.Interceptors.Add<ObservingInterceptor>());
    }
}
