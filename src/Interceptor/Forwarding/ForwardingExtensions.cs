using Microsoft.Extensions.ObjectPool;
using Wakegate.Contracts.Settings;
using Wakegate.Interceptor.Holding;

namespace Wakegate.Interceptor.Forwarding;

internal static class ForwardingExtensions
{
    /// <summary>What sends requests to pods.</summary>
    public static void AddForwarding(this IServiceCollection services)
    {
        services.AddHttpForwarder();
        services.AddSingleton<RequestUris>();
        services.AddSingleton<ForwardTransformer>();
        services.AddSingleton<Attempts>();
        services.AddSingleton<PlainForwarder>();
        services.AddSingleton<ForwardDeadlinePolicy>();

        // By the provider, whose pool disposes what it does not take back.
        services.AddSingleton<ObjectPool<ForwardDeadline>>(provider =>
            new DefaultObjectPoolProvider { MaximumRetained = 4096 }.Create(provider.GetRequiredService<ForwardDeadlinePolicy>()));
        services.AddSingleton<ObjectPool<Exchange>>(new DefaultObjectPool<Exchange>(new DefaultPooledObjectPolicy<Exchange>(), maximumRetained: 4096));
        services.AddSingleton<PodForwarder>();
        services.AddValidatedOptions<HoldSettings>();
        services.AddSingleton<HoldBudget>();
        services.AddSingleton<HoldMetrics>();
        services.AddHostedService<HeldUntilStop>();
        services.AddSingleton<ProxyMetrics>();
    }
}
