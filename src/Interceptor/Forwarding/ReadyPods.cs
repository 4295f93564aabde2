using Wakegate.Contracts.Triggers;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>A route's pods that take traffic: an immutable snapshot, swapped when endpoints change.</summary>
internal sealed class ReadyPods(TimeProvider clock)
{
    // Guards what follows against a second writer; readers take the snapshot as it is.
    private readonly Lock gate = new();
    private volatile Pod[] pods = [];
    private Pod[] retired = [];
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

    /// <summary>
    /// Takes over a new set of endpoints; pods that stay keep their connections and counts, and so do those that come back before what they
    /// were doing has ended.
    /// </summary>
    public void Replace(IReadOnlyCollection<PodAddress> addresses)
    {
        lock (gate)
        {
            // Those found at the first look may have been there for long; those that come later have just woken.
            var before = pods.ToDictionary(p => p.Address);
            pods = [.. addresses.Select(address => before.Remove(address, out var kept) ? kept : Revive(address) ?? Create(address, woke: known))];
            known = true;
            foreach (var gone in before.Values)
            {
                gone.Retire();
            }

            retired = [.. retired.Except(pods).Concat(before.Values).Where(p => p.InFlight > 0)];
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
                Limited(pod);
            }
        }

        Changed(null);
    }

    private Pod? Revive(PodAddress address) =>
        Array.Find(retired, p => p.Address == address) is { } pod && pod.TryRevive() ? Limited(pod) : null;

    private Pod Create(PodAddress address, bool woke) => Limited(new Pod(address, woke, clock, p => Changed(p), woke ? Reached : null));

    private Pod Limited(Pod pod)
    {
        pod.Limit(limits?.Invoke(pod.Address) ?? int.MaxValue);
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
        var other = candidates[(start + Random.Shared.Next(1, candidates.Length)) % candidates.Length];
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
