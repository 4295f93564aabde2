using Wakegate.Contracts.Settings;

namespace Wakegate.Interceptor.Draining;

internal static class DrainingExtensions
{
    /// <summary>Leaving in order on SIGTERM.</summary>
    public static void AddDraining(this IServiceCollection services)
    {
        services.AddValidatedOptions<DrainSettings>();
        services.AddSingleton<Drain>();
        services.AddSingleton<IHostLifetime, DrainLifetime>();
    }
}
