using k8s;
using k8s.Models;
using Wakegate.Local.Controllers;

namespace Wakegate.Local.Pods;

/// <summary>Plays the kubelet of the one node there is: runs each pod as a process, probes it, reports on it, and stops it in good order.</summary>
internal sealed partial class Kubelet(IKubernetes client, PodPlaces places, TimeProvider clock, Action<PodEvent> tell, ILogger<Kubelet> log) : BackgroundService
{
    private const string OurPods = $"spec.nodeName={DeploymentController.Node}";

    // By uid. Only the reconciliation touches it, and the end after that.
    private readonly Dictionary<string, PodRun> runs = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await new Changes(clock)
                .Of(
                    async cancellation => (await client.CoreV1.ListPodForAllNamespacesAsync(fieldSelector: OurPods, limit: 1, cancellationToken: cancellation)).ResourceVersion(),
                    (version, cancellation) => client.CoreV1.WatchListPodForAllNamespacesAsync(fieldSelector: OurPods, resourceVersion: version, cancellationToken: cancellation))
                .DriveAsync(ReconcileAsync, LogFailed, stoppingToken);
        }
        finally
        {
            await Task.WhenAll(runs.Values.Select(run => run.DisposeAsync().AsTask()));
        }
    }

    private async Task ReconcileAsync(CancellationToken cancellation)
    {
        var pods = await client.CoreV1.ListPodForAllNamespacesAsync(fieldSelector: OurPods, cancellationToken: cancellation);
        foreach (var pod in pods.Items)
        {
            if (!runs.TryGetValue(pod.Uid(), out var run))
                runs.Add(pod.Uid(), run = PodRun.Start(pod, new PodReport(client, pod, clock), places, clock, tell));
            if (pod.Metadata.DeletionTimestamp is { } deadline)
                run.End(new DateTimeOffset(deadline));
        }

        // Deleted by force, or with its namespace: nobody waits for its end.
        var known = pods.Items.Select(pod => pod.Uid()).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in runs.Where(run => !known.Contains(run.Key)).ToList())
        {
            runs.Remove(gone.Key);
            gone.Value.End(clock.GetUtcNow());
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Pods could not be reconciled, and will be again in a moment.")]
    private partial void LogFailed(Exception failure);
}
