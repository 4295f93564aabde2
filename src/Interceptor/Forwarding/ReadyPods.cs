using Wakegate.Contracts.Triggers;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>A route's pods that take traffic: an immutable snapshot, swapped when endpoints change.</summary>
internal sealed class ReadyPods(TimeProvider clock)
{
    private volatile Pod[] pods = [];

    /// <summary>Called after pods have been added or have become usable again.</summary>
    public Action Changed { get; set; } = static () => { };

    /// <summary>How these pods are spoken to, as far as the trigger or the Service's port says.</summary>
    public UpstreamProtocol Protocol { get; set; }

    public IReadOnlyList<Pod> All => pods;

    /// <summary>Whether a request could be sent now.</summary>
    public bool AnyUsable
    {
        get
        {
            foreach (var pod in pods)
            {
                if (pod.Usable)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Takes a place on the less busy of two random pods. Every success is paired with one <see cref="Pod.Return"/>.</summary>
    public Pod? Take()
    {
        while (Choose(pods) is { } pod)
        {
            if (pod.TryTake())
            {
                return pod;
            }

            // It has gone since the snapshot was read, so there is a newer one.
        }

        return null;
    }

    /// <summary>Takes over a new set of endpoints; pods that stay keep their connections and counts. One writer at a time.</summary>
    public void Replace(IReadOnlyCollection<PodAddress> addresses)
    {
        var before = pods.ToDictionary(p => p.Address);
        pods = [.. addresses.Select(address => before.Remove(address, out var kept) ? kept : new Pod(address, clock, () => Changed()))];
        foreach (var gone in before.Values)
        {
            gone.Retire();
        }

        Changed();
    }

    private static Pod? Choose(Pod[] candidates)
    {
        if (candidates.Length == 0)
        {
            return null;
        }

        var one = candidates[Random.Shared.Next(candidates.Length)];
        var other = candidates[Random.Shared.Next(candidates.Length)];
        var chosen = one.InFlight <= other.InFlight ? one : other;
        return chosen.Usable ? chosen : Array.Find(candidates, p => p.Usable);
    }
}
