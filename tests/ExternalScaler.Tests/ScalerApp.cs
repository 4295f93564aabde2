using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Wakegate.Contracts.Ledger;
using Wakegate.Testing;
using Wakegate.Testing.Ledger;

namespace Wakegate.ExternalScaler.Tests;

/// <summary>The real scaler on real sockets, reading a ledger whose leases are short.</summary>
internal sealed class ScalerApp : IAsyncDisposable
{
    private readonly WebApplication app;

    private ScalerApp(WebApplication app)
    {
        this.app = app;
        Metrics = new HostMetrics(app.Services.GetRequiredService<IMeterFactory>());
    }

    public Uri Grpc => Address(0);

    public Uri Admin => Address(1);

    public LedgerReader Ledger => app.Services.GetRequiredService<LedgerReader>();

    public HostMetrics Metrics { get; }

    public static Task<ScalerApp> StartAsync(string redis, params string[] settings) => StartOnAsync(TimeProvider.System, redis, settings);

    /// <summary>The same on a clock of the test's.</summary>
    public static async Task<ScalerApp> StartOnAsync(TimeProvider clock, string redis, params string[] settings)
    {
        string[] args =
        [
            "--Listen:Address=127.0.0.1", "--Listen:Port=0", "--Listen:AdminPort=0", $"--Redis:ConnectionString={redis}", .. LedgerHost.Fast, .. settings,
        ];
        var host = ScalerHost.Build(args, builder =>
        {
            builder.Services.AddSingleton(clock);
            builder.Services.AddSingleton<IHostLifetime, QuietLifetime>();
            builder.Logging.SetMinimumLevel(LogLevel.Error);
        });
        var started = new ScalerApp(host);
        await host.StartAsync();
        return started;
    }

    public Task StopAsync() => app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        Metrics.Dispose();
    }

    private Uri Address(int index) => new(
        app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ElementAt(index));

    // The test run's own signals are not the scaler's.
    private sealed class QuietLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
