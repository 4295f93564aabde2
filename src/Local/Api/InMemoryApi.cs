using System.Net;
using k8s;
using Wakegate.Contracts.Sockets;

namespace Wakegate.Local.Api;

/// <summary>
/// A Kubernetes API in memory, over HTTP/1.1 in clear text: real enough for the official client and for kubectl, and for the few kinds
/// that <see cref="ResourceKinds"/> names.
/// </summary>
public sealed class InMemoryApi : IAsyncDisposable
{
    private readonly TimeProvider clock;
    private WebApplication? listener;
    private IPEndPoint endpoint;

    private InMemoryApi(IPEndPoint endpoint, TimeProvider clock)
    {
        this.endpoint = endpoint;
        this.clock = clock;
        Faults = new ApiFaults(Store);
        new Writes(Store, clock).EnsureNamespace("default");
    }

    /// <summary>Where it listens; the same before and after a restart.</summary>
    public Uri Address => new($"http://{endpoint}");

    /// <summary>What can be made to go wrong.</summary>
    public ApiFaults Faults { get; }

    /// <summary>How many watches are open.</summary>
    public int OpenWatches => Store.Watchers;

    internal Store Store { get; } = new();

    /// <summary>Starts to listen; port 0 takes a free one.</summary>
    /// <exception cref="IOException">The port is in use.</exception>
    public static async Task<InMemoryApi> StartAsync(IPEndPoint endpoint, TimeProvider clock, CancellationToken cancellation = default)
    {
        var api = new InMemoryApi(endpoint, clock);
        await api.ListenAsync(cancellation);
        return api;
    }

    /// <summary>The official client, set up for this API. The caller disposes it.</summary>
    public IKubernetes CreateClient() => new Kubernetes(new KubernetesClientConfiguration
    {
        Host = Address.ToString(),
        // It reads answers by calls that block.
        FirstMessageHandlerSetup = PooledStream.Use,
    });

    /// <summary>Listens again after <see cref="StopListeningAsync"/>, on the same port, with all objects as they were.</summary>
    public async Task ListenAsync(CancellationToken cancellation = default)
    {
        var app = Build();
        try
        {
            await app.StartAsync(cancellation);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        endpoint = new IPEndPoint(endpoint.Address, new Uri(app.Urls.Single()).Port);
        listener = app;
    }

    /// <summary>Closes the listener and all connections, as if the API server were gone.</summary>
    public async Task StopListeningAsync()
    {
        if (Interlocked.Exchange(ref listener, null) is not { } app)
            return;
        await app.StopAsync(CancellationToken.None);
        await app.DisposeAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopListeningAsync();
        Faults.Dispose();
    }

    private WebApplication Build()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(endpoint));
        builder.Services.AddRoutingCore().AddSingleton<IHostLifetime, NoSignals>();
        // Whatever is still open a second after the watches were told to end is a stalled request: it is cut.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        builder.Services.AddSingleton(clock).AddSingleton(Store).AddSingleton(Faults);
        builder.Services.AddSingleton<Writes>().AddSingleton<Lists>().AddSingleton<WatchStream>().AddSingleton<ResourceEndpoints>();

        var app = builder.Build();
        app.UseMiddleware<InternalErrors>();
        app.UseMiddleware<FaultMiddleware>();
        app.UseRouting();
        app.MapServerInfo();
        app.MapDiscovery();
        app.MapOpenApi();
        // Without a pattern, names with a dot would be taken for files.
        app.MapFallback("{**path}", app.Services.GetRequiredService<ResourceEndpoints>().AnswerAsync);
        return app;
    }
}
