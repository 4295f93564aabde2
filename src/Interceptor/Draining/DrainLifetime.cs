using System.Runtime.InteropServices;

namespace Wakegate.Interceptor.Draining;

/// <summary>
/// Turns SIGTERM and Ctrl+C into a <see cref="Drain"/>. The host's own lifetime would stop at once, and Kestrel closes its listeners first of
/// all; a preStop hook is no way out, since a chiseled image has no shell to run it.
/// </summary>
internal sealed class DrainLifetime(Drain drain) : IHostLifetime, IDisposable
{
    private readonly List<PosixSignalRegistration> signals = [];

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        foreach (var signal in new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT })
        {
            signals.Add(PosixSignalRegistration.Create(signal, OnSignal));
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => signals.ForEach(s => s.Dispose());

    private void OnSignal(PosixSignalContext signal)
    {
        signal.Cancel = true;
        _ = drain.BeginAsync();
    }
}
