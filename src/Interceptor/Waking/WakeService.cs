using System.Net;
using k8s;
using k8s.Autorest;
using Microsoft.Extensions.Options;
using Wakegate.Contracts.Triggers;
using Wakegate.Interceptor.Routing;
using Wakegate.Interceptor.Watching;

namespace Wakegate.Interceptor.Waking;

/// <summary>
/// Looks closer while requests are held: watches the pods of their namespaces, which are known ready (or going) before an EndpointSlice
/// says so, runs their readinessProbes where the trigger asks for it, and tells held requests when Kubernetes knows that no pod will come.
/// </summary>
internal sealed partial class WakeService(
    Kubernetes kubernetes, Cluster cluster, WakingRoutes waking, WatchMetrics metrics, WatchHealth health, TimeProvider clock,
    IOptions<WakeSettings> settings, ILogger<WakeService> logger) : BackgroundService
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    /// <summary>The kubelet asks every 10 s by default; a question costs a pod that starts little.</summary>
    private static readonly TimeSpan ProbeEvery = TimeSpan.FromMilliseconds(25);

    /// <summary>For how long a pod that no node has room for may wait for one that is on its way.</summary>
    private static readonly TimeSpan NodePatience = TimeSpan.FromMinutes(10);

    /// <summary>Bounds what a thousand routes that wake at once ask of the API server.</summary>
    private const int QuestionsABeat = 20;

    // All used by the one loop only.
    private readonly Dictionary<string, (CancellationTokenSource Stop, Task Run)> watches = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (CancellationTokenSource Stop, Task Run)> probes = new(StringComparer.Ordinal);
    private readonly Dictionary<Route, RouteOutlook> outlooks = [];
    private long judged;

    // Read by the timer.
    private int watching;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var timer = clock.CreateTimer(_ => Beating(), null, Beat, Beat);
        try
        {
            while (true)
            {
                await waking.ChangedAsync(stoppingToken);
                var routes = waking.Current();
                await KeepWatchesAsync(routes.Select(r => r.Id.Namespace).ToHashSet(StringComparer.Ordinal), stoppingToken);
                await KeepProbesAsync(routes, stoppingToken);
                if (settings.Value.FailFastAfter > TimeSpan.Zero && clock.GetElapsedTime(judged) >= Beat)
                {
                    judged = clock.GetTimestamp();
                    await JudgeAsync(routes, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
        finally
        {
            await EndAllAsync(watches);
            await EndAllAsync(probes);
        }
    }

    /// <summary>While nothing is watched there is nothing to look at.</summary>
    private void Beating()
    {
        if (Volatile.Read(ref watching) > 0)
        {
            waking.Pulse();
        }
    }

    private async Task KeepWatchesAsync(HashSet<string> namespaces, CancellationToken stoppingToken)
    {
        foreach (var ns in namespaces.Where(n => !watches.ContainsKey(n)))
        {
            var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            var api = new ResourceApi<PodObject>(kubernetes, PathOf(ns), clock);
            var watch = new ResourceWatch<PodObject>(api, new(Set, Remove, Unreadable), metrics, health, clock, logger);
            watches[ns] = (stop, watch.RunAsync(stop.Token));
        }

        foreach (var ns in watches.Keys.Where(n => !namespaces.Contains(n)).ToList())
        {
            watches.Remove(ns, out var watch);
            await EndAsync(watch);
            cluster.ForgetPods(ns);
            health.Working(PathOf(ns));
        }

        Volatile.Write(ref watching, watches.Count);
    }

    private void Set(PodObject pod)
    {
        cluster.Set(pod);
        waking.Pulse();
    }

    private void Remove(ObjectName pod)
    {
        cluster.RemovePod(pod);
        waking.Pulse();
    }

    /// <summary>The watch's log says it; the pod's EndpointSlice still says when it is ready.</summary>
    private static void Unreadable(Metadata metadata, string error)
    {
    }

    private static string PathOf(string ns) => $"/api/v1/namespaces/{ns}/pods";

    private async Task KeepProbesAsync(IReadOnlyCollection<Route> routes, CancellationToken stoppingToken)
    {
        var wanted = routes
            .Where(r => r.Spec.Readiness == Readiness.Probe && r.Queue.Waking)
            .SelectMany(r => cluster.PodsOf(r).Pods)
            .Where(p => !p.Ready && p.Status.PodIPs is [{ Ip: not null }, ..])
            .DistinctBy(p => p.Metadata.Uid, StringComparer.Ordinal)
            .ToDictionary(p => p.Metadata.Uid, StringComparer.Ordinal);
        foreach (var (uid, pod) in wanted.Where(w => !probes.ContainsKey(w.Key)))
        {
            if (IPAddress.TryParse(pod.Status.PodIPs![0].Ip, out var address) && PodProbe.Of(pod, address) is { } probe)
            {
                var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                probes[uid] = (stop, AskUntilItSucceedsAsync(pod, probe, stop.Token));
            }
        }

        foreach (var uid in probes.Keys.Where(u => !wanted.ContainsKey(u)).ToList())
        {
            probes.Remove(uid, out var probe);
            await EndAsync(probe);
        }
    }

    private async Task AskUntilItSucceedsAsync(PodObject pod, PodProbe probe, CancellationToken stop)
    {
        using (probe)
        {
            while (!stop.IsCancellationRequested)
            {
                if (await probe.SucceedsAsync(clock, stop))
                {
                    cluster.SetAnswers(pod);
                    return;
                }

                await Task.Delay(ProbeEvery, clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Where an obstacle has lasted, held requests are told; where it is gone, they are held again.</summary>
    private async Task JudgeAsync(IReadOnlyCollection<Route> routes, CancellationToken stoppingToken)
    {
        foreach (var gone in outlooks.Keys.Except(routes).ToList())
        {
            outlooks.Remove(gone);
            gone.Queue.Obstacle = null;
        }

        var questions = QuestionsABeat;
        foreach (var route in routes)
        {
            if (!outlooks.TryGetValue(route, out var outlook))
            {
                outlooks[route] = outlook = new(clock.GetTimestamp());
            }

            var (pods, scaling) = cluster.PodsOf(route);
            var obstacle = pods.Count > 0 ? Obstacle.Of(pods) : Obstacle.OfPause(scaling?.Annotations);
            var target = pods.Count == 0 && obstacle is null ? scaling?.Target : null;
            if (target is { Kind: null or "Deployment" } && clock.GetElapsedTime(outlook.Began) >= settings.Value.FailFastAfter)
            {
                // Without a pod after all that time the Deployment is asked why, a few a beat, each in its turn.
                outlook.OfDeployment = questions-- > 0 ? await OfDeploymentAsync(route.Id.Namespace, target.Name, stoppingToken) : outlook.OfDeployment;
                obstacle = outlook.OfDeployment;
            }

            await JudgeAsync(route, outlook, obstacle, stoppingToken);
        }
    }

    private async Task JudgeAsync(Route route, RouteOutlook outlook, Obstacle? obstacle, CancellationToken stoppingToken)
    {
        if (obstacle is null)
        {
            outlook.ObstructedSince = null;
            if (route.Queue.Obstacle is not null)
            {
                route.Queue.Obstacle = null;
                LogMended(route.Id);
            }

            return;
        }

        var since = outlook.ObstructedSince ??= clock.GetTimestamp();
        var lasted = clock.GetElapsedTime(obstacle == outlook.OfDeployment ? outlook.Began : since);
        if (lasted >= settings.Value.FailFastAfter && route.Queue.Obstacle != obstacle.Reason && !await NodeComesAsync(route, obstacle, lasted, stoppingToken))
        {
            if (route.Queue.Obstacle is null)
            {
                LogHopeless(route.Id, obstacle.Reason);
            }

            route.Queue.Obstacle = obstacle.Reason;
        }
    }

    /// <summary>A quota, a missing service account, an admission webhook: what keeps a Deployment from making pods is told by its status alone.</summary>
    private async Task<Obstacle?> OfDeploymentAsync(string ns, string name, CancellationToken stoppingToken)
    {
        try
        {
            var deployment = await kubernetes.AppsV1.ReadNamespacedDeploymentAsync(name, ns, cancellationToken: stoppingToken);
            var failure = deployment.Status?.Conditions?.FirstOrDefault(c => c is { Type: "ReplicaFailure", Status: "True" });
            return failure is null ? null : new($"Deployment {name} cannot make its pods: {failure.Message}");
        }
        catch (HttpOperationException missing) when (missing.Response.StatusCode == HttpStatusCode.NotFound)
        {
            return new($"Deployment {name} does not exist.");
        }
        catch (Exception unknown) when (unknown is HttpOperationException or HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>Cluster Autoscaler and Karpenter say on the pod when a node will come for it.</summary>
    private async Task<bool> NodeComesAsync(Route route, Obstacle obstacle, TimeSpan lasted, CancellationToken stoppingToken)
    {
        if (obstacle.UnschedulablePod is not { } uid || lasted > NodePatience)
        {
            return false;
        }

        try
        {
            var events = await kubernetes.CoreV1.ListNamespacedEventAsync(
                route.Id.Namespace, fieldSelector: $"involvedObject.uid={uid}", cancellationToken: stoppingToken);
            return events.Items.Any(e => e.Reason is "TriggeredScaleUp" or "Nominated");
        }
        catch (Exception unknown) when (unknown is HttpOperationException or HttpRequestException)
        {
            // Who does not know waits.
            return true;
        }
    }

    private static async Task EndAllAsync(Dictionary<string, (CancellationTokenSource Stop, Task Run)> running)
    {
        foreach (var one in running.Values)
        {
            await EndAsync(one);
        }
    }

    private static async Task EndAsync((CancellationTokenSource Stop, Task Run) running)
    {
        await running.Stop.CancelAsync();
        await running.Run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        running.Stop.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Route} gets no pod, so its requests are answered with that: {Reason}")]
    private partial void LogHopeless(RouteId route, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "What kept {Route} from getting a pod is gone: its requests are held again.")]
    private partial void LogMended(RouteId route);

    /// <summary>What is known of a route's chance to get a pod.</summary>
    private sealed class RouteOutlook(long began)
    {
        /// <summary>When it first wanted one.</summary>
        public long Began => began;

        /// <summary>Since when all its pods have an obstacle.</summary>
        public long? ObstructedSince { get; set; }

        /// <summary>What its Deployment last said.</summary>
        public Obstacle? OfDeployment { get; set; }
    }
}
