using System.Net;
using k8s;
using Wakegate.Contracts.Triggers;
using Wakegate.Interceptor.Routing;
using Wakegate.Interceptor.Watching;

namespace Wakegate.Interceptor.Waking;

/// <summary>
/// Looks closer while requests are held: watches the pods of their namespaces, which are known ready (or going) before an EndpointSlice
/// says so, and runs their readinessProbes where the trigger asks for it.
/// </summary>
internal sealed partial class WakeService(
    Kubernetes kubernetes, Cluster cluster, WakingRoutes waking, WatchMetrics metrics, WatchHealth health, TimeProvider clock,
    ILogger<WakeService> logger) : BackgroundService
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    /// <summary>The kubelet asks every 10 s by default; a question costs a pod that starts little.</summary>
    private static readonly TimeSpan ProbeEvery = TimeSpan.FromMilliseconds(25);

    // All used by the one loop only.
    private readonly Dictionary<string, (CancellationTokenSource Stop, Task Run)> watches = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (CancellationTokenSource Stop, Task Run)> probes = new(StringComparer.Ordinal);

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
                await LookAfterAsync([.. waking.Current().Keys], stoppingToken);
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

    private async Task LookAfterAsync(IReadOnlyCollection<Route> routes, CancellationToken stoppingToken)
    {
        try
        {
            await KeepWatchesAsync(routes.Select(r => r.Id.Namespace).ToHashSet(StringComparer.Ordinal), stoppingToken);
            await KeepProbesAsync(routes, stoppingToken);
        }
        catch (Exception mistake) when (!stoppingToken.IsCancellationRequested)
        {
            // It must cost no more than what is seen early: the EndpointSlices still say which pods are ready.
            LogMistake(mistake);
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
            .SelectMany(cluster.SilentPodsOf)
            .Where(p => p.Status.PodIPs is [{ Ip: not null }, ..])
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

    [LoggerMessage(Level = LogLevel.Error, Message = "Pods of routes that wake could not be looked after; it is tried again with the next change.")]
    private partial void LogMistake(Exception error);
}
