using Wakegate.Upstream.Conduct;

namespace Wakegate.Upstream.Hosting;

/// <summary>
/// Plays a workload that takes a while to start. Kestrel is a hosted service too, so what is awaited while services are still
/// <em>starting</em> delays the listener.
/// </summary>
internal sealed class SlowStart(UpstreamOptions options, Readiness readiness, TimeProvider clock) : BackgroundService, IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (!options.ListenDuringStartup)
            await WarmUpAsync(cancellationToken);
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        options.ListenDuringStartup ? WarmUpAsync(stoppingToken) : Task.CompletedTask;

    private async Task WarmUpAsync(CancellationToken cancellation)
    {
        if (options.StartupDelay > TimeSpan.Zero)
            await Task.Delay(options.StartupDelay, clock, cancellation);
        readiness.Started();
    }
}
