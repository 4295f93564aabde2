using System.Globalization;
using System.Net.Http.Json;
using System.Net.Sockets;
using k8s;
using k8s.Models;
using Wakegate.Local.Cluster;
using Wakegate.Testing;
using Wakegate.Testing.Redis;
using Wakegate.Upstream.Http;

namespace Wakegate.EndToEnd.Tests.Live;

/// <summary>The whole system in real processes, in more of a hurry than by default.</summary>
internal sealed class LiveSystem : IAsyncDisposable
{
    // A third of the defaults and less, and still long enough for a busy machine.
    private readonly Dictionary<string, string> hurry = new()
    {
        // A Redis that is somebody else's may hold what an earlier test left.
        ["Redis__KeyPrefix"] = $"{{e2e-{Guid.NewGuid():N}}}",
        ["Ledger__Heartbeat"] = "500ms",
        ["Ledger__Lease"] = "3s",
        ["Ledger__Reread"] = "500ms",
        ["Ledger__MaxStaleness"] = "2s",
        // Longer than the machine pauses: a load that is never idle is never at zero.
        ["Scaler__AverageWindow"] = "5s",
        ["Interceptor__StopTimeout"] = "00:00:25",
    };

    private readonly DirectoryInfo manifests = Directory.CreateTempSubdirectory("wakegate-e2e");
    private readonly List<HttpClient> clients = [];
    private LocalCluster? cluster;

    private readonly int scalers;

    private LiveSystem(RedisServer redis, int scalers, string drainDelay)
    {
        Redis = redis;
        this.scalers = scalers;
        hurry["Interceptor__DrainDelay"] = drainDelay;
    }

    public RedisServer Redis { get; }

    public LocalCluster Cluster => cluster!;

    /// <summary>Asks the scaler what KEDA asks.</summary>
    public ScalerPeer Scaler { get; private set; } = null!;

    /// <summary>A client of the first interceptor.</summary>
    public HttpClient Client { get; private set; } = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <param name="redis">Becomes the system's, to be disposed of with it.</param>
    /// <param name="workloads">What is there, at zero.</param>
    public static Task<LiveSystem> StartAsync(RedisServer redis, params IEnumerable<Workload> workloads) =>
        StartAsync(redis, scalers: 1, drainDelay: "0", workloads);

    /// <param name="redis">Becomes the system's, to be disposed of with it.</param>
    /// <param name="scalers">How many of them.</param>
    /// <param name="drainDelay">For how long an interceptor goes on accepting when it leaves.</param>
    /// <param name="workloads">What is there, at zero.</param>
    public static async Task<LiveSystem> StartAsync(RedisServer redis, int scalers, string drainDelay, params IEnumerable<Workload> workloads)
    {
        var system = new LiveSystem(redis, scalers, drainDelay);
        try
        {
            await system.LaunchAsync(workloads);
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    /// <summary>With whichever Redis there is.</summary>
    public static async Task<LiveSystem> StartAsync(params IEnumerable<Workload> workloads) =>
        await StartAsync(await RedisServer.StartAsync(), workloads);

    /// <summary>A client that reaches every host through this interceptor, over HTTP/1.1 or prior-knowledge HTTP/2.</summary>
    public HttpClient ClientOf(LocalPart interceptor)
    {
        var client = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(interceptor.Address.Host, interceptor.Address.Port, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        {
            // Tests are bounded as a whole.
            Timeout = Timeout.InfiniteTimeSpan,
        };
        clients.Add(client);
        return client;
    }

    /// <summary>A pod's answer to a request that must succeed.</summary>
    public async Task<Echo> GetAsync(string url) => (await Client.GetFromJsonAsync<Echo>(url, Stop))!;

    /// <summary>Returns once the workload wants so many replicas and has exactly so many pods.</summary>
    public Task ScaledAsync(string name, int replicas) => Eventually.TrueAsync(
        async () => await ReplicasAsync(name) == replicas && (await PodsAsync(name)).Count == replicas, $"{name} has {replicas} replicas");

    public async Task<int?> ReplicasAsync(string name) =>
        (await Cluster.Kubernetes.AppsV1.ReadNamespacedDeploymentAsync(name, "default", cancellationToken: Stop)).Spec.Replicas;

    /// <summary>The workload's pods, those that are being stopped included.</summary>
    public async Task<IList<V1Pod>> PodsAsync(string name) =>
        (await Cluster.Kubernetes.CoreV1.ListNamespacedPodAsync(
            "default", labelSelector: $"app.kubernetes.io/name={name}", cancellationToken: Stop)).Items;

    /// <summary>Tells the workload's one pod to become ready, past the interceptor.</summary>
    public async Task LetPodBeReadyAsync(string name)
    {
        using var client = new HttpClient();
        await Eventually.TrueAsync(async () =>
        {
            if (await PodsAsync(name) is not [{ Status.PodIP: { } address }])
                return false;
            try
            {
                using var response = await client.PostAsync(new Uri($"http://{address}:8080/ready/on"), content: null, Stop);
                return response.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
                return false;
            }
        });
    }

    /// <summary>Returns once the scaler has read Redis in full, anew: its own gauge of how long ago that was tells.</summary>
    public async Task ScalerReadsRedisAsync()
    {
        using var client = new HttpClient { BaseAddress = Cluster.Scaler.Admin };
        await Eventually.TrueAsync(async () => SnapshotAge(await client.GetStringAsync(new Uri("/metrics", UriKind.Relative), Stop)) < 1);
    }

    public async ValueTask DisposeAsync()
    {
        clients.ForEach(client => client.Dispose());
        Scaler?.Dispose();
        if (cluster is not null)
            await cluster.DisposeAsync();
        await Redis.DisposeAsync();
        manifests.Delete(recursive: true);
    }

    private static double? SnapshotAge(string metrics) => metrics.Split('\n')
        .Where(line => line.StartsWith("wakegate_scaler_snapshot_age_seconds", StringComparison.Ordinal))
        .Select(line => (double?)double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture))
        .FirstOrDefault();

    private async Task LaunchAsync(IEnumerable<Workload> workloads)
    {
        var options = new LocalOptions
        {
            Ports = LocalPorts.Free(),
            Redis = Redis.Address,
            Manifests = [.. workloads.Select(workload => workload.WriteTo(manifests))],
            HpaInterval = TimeSpan.FromSeconds(1),
            Scalers = scalers,
            InterceptorSettings = hurry,
            ScalerSettings = hurry,
            Output = new StoryWriter(),
        };
        cluster = await LocalCluster.StartAsync(options, Stop);
        Scaler = new ScalerPeer(cluster.Scaler.Address);
        Client = ClientOf(cluster.Interceptors[0]);
    }
}
