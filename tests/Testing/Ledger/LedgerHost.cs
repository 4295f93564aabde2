using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Wakegate.Contracts.Ledger;
using Wakegate.Contracts.Triggers;

namespace Wakegate.Testing.Ledger;

/// <summary>One end of the ledger in a host of its own: an interceptor replica that only counts, or a reader.</summary>
public sealed class LedgerHost : IAsyncDisposable
{
    private readonly IHost host;

    private LedgerHost(IHost host) => this.host = host;

    public LedgerWriter Writer => host.Services.GetRequiredService<LedgerWriter>();

    public LedgerReader Reader => host.Services.GetRequiredService<LedgerReader>();

    /// <summary>What a test may look at besides.</summary>
    public IServiceProvider Services => host.Services;

    /// <summary>Starts a replica, and waits until Redis knows it.</summary>
    public static Task<LedgerHost> StartWriterAsync(string redis, params string[] settings) => StartWriterOnAsync(TimeProvider.System, redis, settings);

    /// <summary>The same on a clock of the test's.</summary>
    public static async Task<LedgerHost> StartWriterOnAsync(TimeProvider clock, string redis, params string[] settings)
    {
        var started = await StartAsync(services => services.AddLedgerWriter(), clock, redis, settings);
        await Eventually.TrueAsync(() => started.Writer.Connected);
        return started;
    }

    /// <summary>Starts a replica while Redis is away.</summary>
    public static Task<LedgerHost> StartUnconnectedWriterAsync(string redis) => StartUnconnectedWriterOnAsync(TimeProvider.System, redis);

    /// <summary>The same on a clock of the test's.</summary>
    public static Task<LedgerHost> StartUnconnectedWriterOnAsync(TimeProvider clock, string redis) => StartAsync(services => services.AddLedgerWriter(), clock, redis, []);

    /// <summary>Starts a reader, which has tried Redis once.</summary>
    public static async Task<LedgerHost> StartReaderAsync(string redis, params string[] settings)
    {
        var started = await StartAsync(services => services.AddLedgerReader(), TimeProvider.System, redis, settings);
        await started.Reader.Attempted;
        return started;
    }

    /// <summary>Starts one who looks now and then, on a clock of the test's.</summary>
    public static Task<LedgerHost> StartGlimpseOnAsync(TimeProvider clock, string redis) => StartAsync(services => services.AddLedgerGlimpse(), clock, redis, []);

    /// <summary>Counts a route of namespace <c>store</c>, with the default windows.</summary>
    public PendingCounts Track(string name) => Writer.Track(Route(name), new ScalingSpec());

    public static RouteId Route(string name) => new("store", name, name);

    /// <summary>Ends as a crash does: nothing is taken back, and nothing is written any more.</summary>
    public async Task CrashAsync() => await host.Services.GetRequiredService<RedisConnection>().DisposeAsync();

    /// <summary>Ends in order.</summary>
    public Task StopAsync() => host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        host.Dispose();
    }

    private static async Task<LedgerHost> StartAsync(Action<IServiceCollection> end, TimeProvider clock, string redis, string[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddCommandLine([.. Fast, $"--Redis:ConnectionString={redis}", .. settings]);
        builder.Services.AddSingleton(clock);
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
        end(builder.Services);
        var started = new LedgerHost(builder.Build());
        await started.host.StartAsync();
        return started;
    }

    /// <summary>
    /// A rhythm in which a test can see leases end. Redis keeps them on its own clock, which no test can advance; and a command that fails is
    /// tried again only as the test's clock advances, so a slow machine has time to answer.
    /// </summary>
    public static IReadOnlyList<string> Fast { get; } =
    [
        "--Ledger:Heartbeat=500ms", "--Ledger:Lease=4s", "--Ledger:Reread=1s", "--Ledger:MaxStaleness=3s", "--Redis:CommandTimeout=10s",
    ];
}
