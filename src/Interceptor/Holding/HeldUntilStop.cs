using Wakegate.Interceptor.Draining;
using Wakegate.Interceptor.Watching;

namespace Wakegate.Interceptor.Holding;

/// <summary>When the interceptor must go, tells whoever is still held: they may ask another, which a connection that breaks would not say.</summary>
internal sealed class HeldUntilStop(Drain drain, RouteFactory routes) : IHostedService, IDisposable
{
    private CancellationTokenRegistration end;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        end = drain.StreamsEnd.UnsafeRegister(static self => ((HeldUntilStop)self!).Tell(), this);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => end.Dispose();

    private void Tell()
    {
        foreach (var route in routes.All)
        {
            route.Queue.Stop();
        }
    }
}
