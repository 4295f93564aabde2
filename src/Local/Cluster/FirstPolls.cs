using Wakegate.Local.Keda;
using Wakegate.Local.Manifests;

namespace Wakegate.Local.Cluster;

/// <summary>Knows when KEDA's part follows every ScaledObject that Local loaded: a request before that would wait for the next poll.</summary>
internal sealed class FirstPolls
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TaskCompletionSource complete = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Guards awaited: each ScaledObject tells from a loop of its own.
    private readonly Lock gate = new();
    private readonly HashSet<(string Namespace, string Name)> awaited;

    public FirstPolls(IEnumerable<ManifestDocument> manifests)
    {
        awaited = [.. manifests.Where(document => document.Kind == "ScaledObject").Select(document => (document.Namespace, document.Name))];
        if (awaited.Count == 0)
            complete.SetResult();
    }

    public void Hear(KedaEvent told)
    {
        if (told.Kind is not (KedaEventKind.Watched or KedaEventKind.Paused or KedaEventKind.NotPlayed))
            return;
        lock (gate)
        {
            awaited.Remove((told.Namespace, told.ScaledObject));
            if (awaited.Count == 0)
                complete.TrySetResult();
        }
    }

    /// <summary>Waits for a while only: what KEDA's part has trouble with is told, and is no reason not to start.</summary>
    public async Task WaitAsync(TimeProvider clock, CancellationToken cancellation)
    {
        await complete.Task.WaitAsync(Patience, clock, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellation.ThrowIfCancellationRequested();
    }
}
