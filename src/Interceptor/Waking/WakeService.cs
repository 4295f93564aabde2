using System.Net;
using k8s;
using Wakegate.Contracts.Triggers;
using Wakegate.Interceptor.Routing;
using Wakegate.Interceptor.Watching;

namespace Wakegate.Interceptor.Waking;

/// <summary>
/// Looks closer while requests are held: watches the pods of their namespaces, which are known ready (or going) before an EndpointSlice
/// says so, and runs their readinessProbes where the trigger asks for it, also while requests wait behind pods that are there and busy.
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
    private readonly Dictionary<(string Uid, string? Address), (CancellationTokenSource Stop, Task Run)> probes = [];

    // Read by the watches: whether any route asks for probes, so that a pod may be one to ask.
    private bool probing;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var timer = clock.CreateTimer(_ => Beating(), null, Beat, Beat);
        try
        {
            while (true)
            {
                await waking.ChangedAsync(stoppingToken);
                await LookAfterAllAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
        finally
        {
            await EndAllAsync(watches.Values);
            await EndAllAsync(probes.Values);
        }
    }

    private async Task LookAfterAllAsync(CancellationToken stoppingToken)
    {
        try
        {
            await KeepWatchesAsync(NeededNamespaces(), stoppingToken);
            await KeepProbesAsync(stoppingToken);
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
        if (waking.Watched.Count > 0)
        {
            waking.Pulse();
        }
    }

    private HashSet<string> NeededNamespaces()
    {
        var needed = Namespaces();
        if (!waking.Watched.IsSubsetOf(needed))
        {
            // From here on a route of one that is to be let go tells us again; one that came before is found.
            waking.Watched = needed;
            needed = Namespaces();
        }

        return needed;

        HashSet<string> Namespaces() => waking.Routes.Select(r => r.Id.Namespace).ToHashSet(StringComparer.Ordinal);
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

        waking.Watched = namespaces;
    }

    private void Set(PodObject pod)
    {
        cluster.Set(pod);
        PodChanged();
    }

    private void Remove(ObjectName pod)
    {
        cluster.RemovePod(pod);
        PodChanged();
    }

    private void PodChanged()
    {
        if (Volatile.Read(ref probing))
        {
            waking.Pulse();
        }
    }

    /// <summary>The watch's log says it; the pod's EndpointSlice still says when it is ready.</summary>
    private static void Unreadable(Metadata metadata, string error)
    {
    }

    private static string PathOf(string ns) => $"/api/v1/namespaces/{ns}/pods";

    private async Task KeepProbesAsync(CancellationToken stoppingToken)
    {
        // Told before the pods are looked at, so that one that changes meanwhile is not missed.
        var probed = waking.Routes.Where(r => r.Spec.Readiness == Readiness.Probe).ToList();
        Interlocked.Exchange(ref probing, probed.Count > 0);

        // Before it is looked who is silent, so that one that has ended with an answer is not run again; one without, of a container that has
        // started anew, is.
        var ended = probes.Where(p => p.Value.Run.IsCompleted).Select(p => p.Key).ToHashSet();
        var wanted = probed
            .Where(r => r.Queue.Count > 0)
            .SelectMany(SilentPodsOf)
            .DistinctBy(p => p.Metadata.Uid, StringComparer.Ordinal)
            .ToDictionary(p => (p.Metadata.Uid, p.Address));
        foreach (var key in probes.Keys.Where(k => ended.Contains(k) || !wanted.ContainsKey(k)).ToList())
        {
            probes.Remove(key, out var probe);
            await EndAsync(probe);
        }

        foreach (var (key, pod) in wanted.Where(w => !probes.ContainsKey(w.Key)))
        {
            if (IPAddress.TryParse(pod.Address, out var address) && PodProbe.Of(pod, address) is { } probe)
            {
                var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                probes[key] = (stop, AskUntilItSucceedsAsync(pod, probe, stop.Token));
            }
        }
    }

    /// <summary>While others serve, one that was ready and is no longer is left to the kubelet: it may be no more than load.</summary>
    private IEnumerable<PodObject> SilentPodsOf(Route route)
    {
        var first = route.Queue.Waking;
        return cluster.SilentPodsOf(route).Where(p => p.OthersAreReady && (first || !p.WasReady));
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

    private static async Task EndAllAsync(IEnumerable<(CancellationTokenSource Stop, Task Run)> running)
    {
        foreach (var one in running)
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
