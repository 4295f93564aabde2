using Wakegate.Contracts.Triggers;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>A route's pods that take traffic: an immutable snapshot, swapped when endpoints change.</summary>
internal sealed class ReadyPods(TimeProvider clock)
{
    // Guards what follows against a second writer; readers take the snapshot as it is.
    private readonly Lock gate = new();
    private volatile Pod[] pods = [];
    private Func<PodAddress, int>? limits;
    private bool known;

    /// <summary>Called after pods have come or gone, or may have places again: with the one, or null where any may be meant.</summary>
    public Action<Pod?> Changed { get; set; } = static _ => { };

    /// <summary>Called when a first byte has gone to a pod that had just woken.</summary>
    public Action Reached { get; set; } = static () => { };

    /// <summary>How these pods are spoken to, as far as the trigger or the Service's port says.</summary>
    public UpstreamProtocol Protocol { get; set; }

    public IReadOnlyList<Pod> All => pods;

    /// <summary>Whether there is a pod that is not being left alone, though it may be busy.</summary>
    public bool AnyUsable => Array.Exists(pods, static p => p.Usable);

    /// <summary>Takes a place on the less busy of two random pods that have one. Every success is paired with one <see cref="Pod.End"/>.</summary>
    public Pod? Take()
    {
        while (true)
        {
            var candidates = pods;
            if (Take(candidates) is { } pod)
            {
                return pod;
            }

            // A pod that has gone since the snapshot was read has no place, but a newer snapshot may have one.
            if (ReferenceEquals(candidates, pods))
            {
                return null;
            }
        }
    }

    /// <summary>Takes over a new set of endpoints; pods that stay keep their connections and counts.</summary>
    public void Replace(IReadOnlyCollection<PodAddress> addresses)
    {
        lock (gate)
        {
            // Those found at the first look may have been there for long; those that come later have just woken.
            var before = pods.ToDictionary(p => p.Address);
            pods = [.. addresses.Select(address => before.Remove(address, out var kept) ? kept : Create(address, woke: known))];
            known = true;
            foreach (var gone in before.Values)
            {
                gone.Retire();
            }
        }

        Changed(null);
    }

    /// <summary>Sets how many requests this interceptor may have in flight to each pod at once.</summary>
    /// <param name="limitOf">Says how many; null for no limit.</param>
    public void Limit(Func<PodAddress, int>? limitOf)
    {
        lock (gate)
        {
            limits = limitOf;
            foreach (var pod in pods)
            {
                pod.Limit(limitOf?.Invoke(pod.Address) ?? int.MaxValue);
            }
        }

        Changed(null);
    }

    private Pod Create(PodAddress address, bool woke)
    {
        var pod = new Pod(address, woke, clock, p => Changed(p), woke ? Reached : null);
        if (limits is not null)
        {
            pod.Limit(limits(address));
        }

        return pod;
    }

    private static Pod? Take(Pod[] candidates)
    {
        if (candidates.Length < 2)
        {
            return candidates.Length == 1 && candidates[0].TryTake() ? candidates[0] : null;
        }

        var start = Random.Shared.Next(candidates.Length);
        var one = candidates[start];
        var other = candidates[Random.Shared.Next(candidates.Length)];
        var chosen = one.InFlight <= other.InFlight ? one : other;
        if (chosen.TryTake())
        {
            return chosen;
        }

        for (var i = 0; i < candidates.Length; i++)
        {
            var pod = candidates[(start + i) % candidates.Length];
            if (pod.TryTake())
            {
                return pod;
            }
        }

        return null;
    }
}
