using Wakegate.Contracts.Ledger;
using Wakegate.Contracts.Triggers;

namespace Wakegate.Bench.Running;

/// <summary>What interceptors report, read as the scaler reads it.</summary>
internal sealed class LedgerView : IAsyncDisposable
{
    private readonly IHost host;

    private LedgerView(IHost host) => this.host = host;

    public static async Task<LedgerView> OpenAsync(string redis, CancellationToken cancellation)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { Args = [$"--Redis:ConnectionString={redis}"] });
        builder.Services.AddLedgerReader();
        var view = new LedgerView(builder.Build());
        await view.host.StartAsync(cancellation);
        return view;
    }

    /// <summary>A route as <see cref="ClusterObjects"/> names it.</summary>
    public static RouteId Route(string name, string inNamespace = ClusterObjects.Namespace) => new(inNamespace, name, name);

    /// <summary>Waits until this many of a route's requests wait for a first pod.</summary>
    public Task WakingAsync(string route, int count, CancellationToken cancellation)
    {
        var reader = host.Services.GetRequiredService<LedgerReader>();
        return Wait.UntilAsync(
            () => ValueTask.FromResult(reader.Find(Route(route)).Waking == count), $"{count} held requests of {route}", cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        host.Dispose();
    }
}
