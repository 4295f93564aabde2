using System.Net;
using k8s;
using Wakegate.Local.Api;
using Wakegate.Local.Keda;
using Wakegate.Local.Manifests;
using Wakegate.Local.Narration;
using Wakegate.Local.Processes;
using Wakegate.Local.Redis;

namespace Wakegate.Local.Cluster;

/// <summary>The whole system on one machine. Disposing it ends every process that it started.</summary>
public sealed class LocalCluster : IAsyncDisposable
{
    private readonly LocalOptions options;
    private readonly TimeProvider clock = TimeProvider.System;
    private readonly TaskCompletionSource<string> failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<LocalPart> interceptors = [];
    private readonly HttpClient health = new() { Timeout = TimeSpan.FromSeconds(2) };
    private readonly Storyteller storyteller;
    private readonly InMemoryApi api;
    private readonly Narrator narrator;
    private IHost? node;
    private readonly List<LocalPart> scalers = [];
    private LocalPart? redis;

    private LocalCluster(LocalOptions options, InMemoryApi api)
    {
        this.options = options;
        this.api = api;
        storyteller = new(options.Output, new StoryLines(options.Colours, clock.LocalTimeZone), options.Quiet, clock);
        narrator = new(storyteller, new ScaleTargets(api), clock);
        Kubernetes = api.CreateClient();
    }

    /// <summary>Completes with the reason when a part ends that nobody told to.</summary>
    public Task<string> Failed => failed.Task;

    /// <summary>The Kubernetes API, and what can be made to go wrong with it.</summary>
    public InMemoryApi Api => api;

    /// <summary>A client of that API.</summary>
    public IKubernetes Kubernetes { get; }

    /// <summary>Where requests go: the first interceptor.</summary>
    public Uri Traffic => interceptors[0].Address;

    /// <summary>All interceptors that were started.</summary>
    public IReadOnlyList<LocalPart> Interceptors => interceptors;

    /// <summary>The external scaler; the first where there are several.</summary>
    public LocalPart Scaler => scalers[0];

    /// <summary>All scalers.</summary>
    public IReadOnlyList<LocalPart> Scalers => scalers;

    /// <summary>Redis; null where one that ran already is used.</summary>
    public LocalPart? Redis => redis;

    /// <summary>Where Redis listens, as <c>host:port</c>.</summary>
    public string RedisAddress => options.Redis ?? $"127.0.0.1:{options.Ports.Redis}";

    /// <summary>Every time the scaler broke its contract with KEDA.</summary>
    internal IReadOnlyCollection<KedaEvent> ContractViolations => node!.Services.GetRequiredService<KedaOperator>().Violations;

    /// <summary>Starts everything, and comes back when it is ready for requests.</summary>
    /// <exception cref="LocalException">Something is wrong that its user can mend; nothing is left running.</exception>
    public static async Task<LocalCluster> StartAsync(LocalOptions options, CancellationToken cancellation = default)
    {
        var manifests = ManifestReader.Read(options.Manifests ?? []);
        options.Ports.ThrowIfTaken(startsRedis: options.Redis is null);

        var kubernetes = await InMemoryApi.StartAsync(new IPEndPoint(IPAddress.Loopback, options.Ports.Api), TimeProvider.System, cancellation);
        var cluster = new LocalCluster(options, kubernetes);
        try
        {
            await cluster.StartAsync(manifests, cancellation);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one more interceptor, on ports of its own.</summary>
    public async Task<LocalPart> AddInterceptorAsync(CancellationToken cancellation = default)
    {
        var part = Interceptor(LocalPorts.FreePort(), LocalPorts.FreePort());
        interceptors.Add(part);
        await part.StartAsync(cancellation);
        return part;
    }

    /// <summary>KEDA ends, and another takes over with what the ScaledObjects say.</summary>
    public async Task RestartKedaAsync(CancellationToken cancellation = default)
    {
        var keda = node!.Services.GetRequiredService<KedaOperator>();
        await keda.StopAsync(cancellation);
        await keda.StartAsync(cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Pods first, while there is an API to hear of it; what counts their requests after them.
        if (node is not null)
            await node.StopAsync(CancellationToken.None);
        await Task.WhenAll(interceptors.Concat(scalers).Select(part => part.DisposeAsync().AsTask()));
        if (redis is not null)
            await redis.DisposeAsync();
        node?.Dispose();
        Kubernetes.Dispose();
        await api.DisposeAsync();
        await storyteller.DisposeAsync();
        health.Dispose();
    }

    private async Task StartAsync(IReadOnlyList<ManifestDocument> manifests, CancellationToken cancellation)
    {
        using (var loader = new ManifestLoader(api.Address))
            await loader.LoadAsync(manifests, cancellation);

        await StartRedisAsync(cancellation);
        interceptors.Add(Interceptor(options.Ports.Interceptor, options.Ports.InterceptorAdmin));
        scalers.Add(NewScaler(options.Ports.Scaler, options.Ports.ScalerAdmin));
        while (scalers.Count < options.Scalers)
            scalers.Add(NewScaler(LocalPorts.FreePort(), LocalPorts.FreePort()));
        // The first that fails says why at once; disposal ends the others.
        await foreach (var started in Task.WhenEach(interceptors.Concat(scalers).Select(part => part.StartAsync(cancellation))))
            await started;

        var polls = new FirstPolls(manifests);
        var keda = new KedaOptions
        {
            ScalerEndpoint = Scaler.Address,
            OtherScalerEndpoints = [.. scalers.Skip(1).Select(other => other.Address)],
            HpaInterval = options.HpaInterval,
            OnEvent = narrator.Hear + (Action<KedaEvent>)polls.Hear,
        };
        node = NodeHost.Build(api, keda, narrator.Hear, storyteller, clock);
        var lifetime = node.Services.GetRequiredService<IHostApplicationLifetime>();
        lifetime.ApplicationStopping.Register(() => failed.TrySetResult("A part within Local itself failed; its last message says how."));
        await node.StartAsync(cancellation);
        await polls.WaitAsync(clock, cancellation);
    }

    private async Task StartRedisAsync(CancellationToken cancellation)
    {
        if (options.Redis is not null)
        {
            if (!Local.Redis.RedisAddress.TryParse(options.Redis, out var running) || !await running!.AnswersAsync(cancellation))
                throw new LocalException($"No Redis answers at {options.Redis}: start it, or leave --redis out to have one started.");
            return;
        }

        var address = new RedisAddress("127.0.0.1", options.Ports.Redis);
        var spec = await RedisProgram.FindAsync(options.Ports.Redis, cancellation);
        redis = new(spec, address.AnswersAsync, narrator.Hear, Died, clock) { Address = new($"redis://{address}") };
        await redis.StartAsync(cancellation);
    }

    private LocalPart Interceptor(int port, int adminPort)
    {
        var name = interceptors.Count == 0 ? "interceptor" : $"interceptor-{interceptors.Count + 1}";
        return Part(PartSpecs.Interceptor(name, port, adminPort, api.Address, RedisAddress, options.InterceptorSettings), port, adminPort);
    }

    private LocalPart NewScaler(int port, int adminPort)
    {
        var name = scalers.Count == 0 ? "scaler" : $"scaler-{scalers.Count + 1}";
        return Part(PartSpecs.Scaler(name, port, adminPort, RedisAddress, options.ScalerSettings), port, adminPort);
    }

    private LocalPart Part(ProcessSpec spec, int port, int adminPort)
    {
        var admin = new Uri($"http://127.0.0.1:{adminPort}");
        return new(spec, cancellation => IsReadyAsync(admin, cancellation), narrator.Hear, Died, clock) { Address = new($"http://127.0.0.1:{port}"), Admin = admin };
    }

    private async Task<bool> IsReadyAsync(Uri admin, CancellationToken cancellation)
    {
        try
        {
            using var response = await health.GetAsync(new Uri(admin, "/readyz"), cancellation);
            return response.IsSuccessStatusCode;
        }
        catch (Exception notYet) when (notYet is HttpRequestException || (notYet is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return false;
        }
    }

    private void Died(ProcessExit exit) => failed.TrySetResult(exit.ToString());
}
