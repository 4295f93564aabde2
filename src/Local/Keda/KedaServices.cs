using k8s;

namespace Wakegate.Local.Keda;

/// <summary>Adds KEDA's part to a host.</summary>
internal static class KedaServices
{
    /// <summary>
    /// Needs an <see cref="IKubernetes"/> and a <see cref="TimeProvider"/> among the services; the operator itself can be had from them,
    /// too.
    /// </summary>
    public static IServiceCollection AddKeda(this IServiceCollection services, KedaOptions options) => services
        .AddSingleton(options)
        .AddSingleton<KedaOperator>()
        .AddHostedService(provider => provider.GetRequiredService<KedaOperator>());
}
