namespace Wakegate.Local.Api;

/// <summary>
/// The lifetime of a host inside another program. The default one would take the process's SIGTERM and Ctrl+C for itself: the API would be
/// gone before the program has even decided to stop, and the program would never be told.
/// </summary>
internal sealed class NoSignals : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
