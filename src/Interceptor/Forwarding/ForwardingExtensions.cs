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
        services.AddSingleton<ForwardTransformer>();
        services.AddSingleton<Attempts>();
        services.AddSingleton<PlainForwarder>();
        services.AddSingleton<ForwardDeadlinePolicy>();
        services.AddSingleton<ObjectPool<ForwardDeadline>>(provider =>
            new DefaultObjectPool<ForwardDeadline>(provider.GetRequiredService<ForwardDeadlinePolicy>(), maximumRetained: 4096));
        services.AddSingleton<ObjectPool<Exchange>>(new DefaultObjectPool<Exchange>(new DefaultPooledObjectPolicy<Exchange>(), maximumRetained: 4096));
        services.AddSingleton<PodForwarder>();
        services.AddValidatedOptions<HoldSettings>();
        services.AddSingleton<HoldBudget>();
        services.AddSingleton<HoldMetrics>();
        services.AddSingleton<ProxyMetrics>();
    }
}
