using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Wakegate.Contracts.Settings;

namespace Wakegate.Contracts.Ledger;

/// <summary>The two ends of the ledger. Both are configured by the sections <c>Redis</c> and <c>Ledger</c>.</summary>
public static class LedgerServices
{
    /// <summary>For who counts: a <see cref="LedgerWriter"/>.</summary>
    public static IServiceCollection AddLedgerWriter(this IServiceCollection services) =>
        services.AddLedger()
            .AddSingleton<LedgerMetrics>()
            .AddSingleton(s => new LedgerWriter(
                s.GetRequiredService<RedisConnection>(),
                s.GetRequiredService<IOptions<LedgerOptions>>(),
                s.GetRequiredService<LedgerMetrics>(),
                s.GetRequiredService<TimeProvider>(),
                s.GetRequiredService<ILogger<LedgerWriter>>()))
            .AddHostedService(s => s.GetRequiredService<LedgerWriter>());

    /// <summary>For who reads: a <see cref="LedgerReader"/>.</summary>
    public static IServiceCollection AddLedgerReader(this IServiceCollection services) =>
        services.AddLedger()
            .AddSingleton(s => new LedgerReader(
                s.GetRequiredService<RedisConnection>(),
                s.GetRequiredService<IOptions<LedgerOptions>>(),
                s.GetRequiredService<TimeProvider>(),
                s.GetRequiredService<ILogger<LedgerReader>>()))
            .AddHostedService(s => s.GetRequiredService<LedgerReader>());

    /// <summary>For who looks now and then: a <see cref="LedgerGlimpse"/>, which costs nothing while nobody does.</summary>
    public static IServiceCollection AddLedgerGlimpse(this IServiceCollection services) =>
        services.AddLedger()
            .AddSingleton(s => new LedgerGlimpse(
                // Who also writes has the writer's log of whether Redis can be reached.
                () => new LedgerReader(
                    s.GetRequiredService<RedisConnection>(),
                    s.GetRequiredService<IOptions<LedgerOptions>>(),
                    s.GetRequiredService<TimeProvider>(),
                    NullLogger<LedgerReader>.Instance),
                s.GetRequiredService<TimeProvider>()))
            .AddHostedService(s => s.GetRequiredService<LedgerGlimpse>());

    private static IServiceCollection AddLedger(this IServiceCollection services)
    {
        services.AddValidatedOptions<RedisOptions>();
        services.AddValidatedOptions<LedgerOptions>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<RedisConnection>();
        return services;
    }
}
