using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Wakegate.Interceptor.Watching;

/// <summary>The pods of the namespaces in which requests are held. Not thread-safe: used under the cluster's lock.</summary>
/// <param name="served">Whether slices name a pod, or may yet come that do.</param>
internal sealed class WatchedPods(Predicate<PodObject> served)
{
    private readonly Dictionary<string, Dictionary<string, PodObject>> namespaces = new(StringComparer.Ordinal);

    // By uid, of the pods above: those whose probe has succeeded before the kubelet said so.
    private readonly HashSet<string> answering = new(StringComparer.Ordinal);

    // By uid: those above that are going away.
    private readonly HashSet<string> leaving = new(StringComparer.Ordinal);

    // By namespace, the uids of those that were above and are gone, as long as an EndpointSlice may say that they are ready: slices follow.
    private readonly Dictionary<string, HashSet<string>> gone = new(StringComparer.Ordinal);

    /// <summary>Takes a pod over; returns what it was before.</summary>
    public PodObject? Set(PodObject pod)
    {
        if (!namespaces.TryGetValue(pod.Metadata.Namespace, out var pods))
        {
            namespaces[pod.Metadata.Namespace] = pods = new(StringComparer.Ordinal);
        }

        var before = pods.GetValueOrDefault(pod.Metadata.Name);
        if (before is not null && before.Metadata.Uid != pod.Metadata.Uid)
        {
            HasGone(before);
        }

        pods[pod.Metadata.Name] = pod;
        if (!pod.Lives)
        {
            leaving.Add(pod.Metadata.Uid);
        }

        if (pod.Ready || !pod.Lives || !pod.OthersAreReady || (before is not null && (pod.Restarts, pod.Address) != (before.Restarts, before.Address)))
        {
            // From its first Ready on, the kubelet's word is what counts; and what has started anew, or moved, must answer anew.
            answering.Remove(pod.Metadata.Uid);
        }

        return before;
    }

    public PodObject? Remove(ObjectName name)
    {
        if (!namespaces.TryGetValue(name.Namespace, out var pods) || !pods.Remove(name.Name, out var pod))
        {
            return null;
        }

        HasGone(pod);
        return pod;
    }

    /// <summary>Forgets all pods of a namespace that is no longer watched, save that those which slices name are going, or gone.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="inSlices">The uids that its slices name.</param>
    public void RemoveAll(string ns, IReadOnlySet<string> inSlices)
    {
        if (!namespaces.Remove(ns, out var pods))
        {
            return;
        }

        foreach (var pod in pods.Values)
        {
            answering.Remove(pod.Metadata.Uid);
            if (leaving.Contains(pod.Metadata.Uid))
            {
                HasGone(pod);
            }
        }

        ForgetGone(ns, uid => !inSlices.Contains(uid));
    }

    /// <summary>Whether there are pods of a namespace that are gone, and that its slices may still name.</summary>
    public bool AnyGone(string ns) => gone.ContainsKey(ns);

    /// <summary>Slices that named them do so no longer: pods that are gone need not be remembered for them.</summary>
    public void ForgetGone(string ns, Predicate<string> uid)
    {
        if (gone.TryGetValue(ns, out var uids) && uids.RemoveWhere(uid) > 0 && uids.Count == 0)
        {
            gone.Remove(ns);
        }
    }

    /// <summary>A pod's readinessProbe has succeeded. What the pod has become meanwhile may be something else.</summary>
    public void SetAnswers(PodObject pod)
    {
        if (namespaces.GetValueOrDefault(pod.Metadata.Namespace)?.GetValueOrDefault(pod.Metadata.Name) is { Lives: true, Ready: false, OthersAreReady: true } known
            && (known.Metadata.Uid, known.Address) == (pod.Metadata.Uid, pod.Address))
        {
            answering.Add(pod.Metadata.Uid);
        }
    }

    public bool Answers(PodObject pod) => answering.Contains(pod.Metadata.Uid);

    /// <summary>Whether a pod is going away, or gone, whatever a slice still says.</summary>
    public bool IsLeaving(string ns, string uid) => leaving.Contains(uid) || (gone.TryGetValue(ns, out var uids) && uids.Contains(uid));

    /// <summary>The pods that a Service's selector selects; one without a selector selects none.</summary>
    public IEnumerable<PodObject> SelectedBy(Service service) =>
        service.Spec.Selector is { Count: > 0 } && namespaces.TryGetValue(service.Metadata.Namespace, out var pods)
            ? pods.Values.Where(pod => Selects(service, pod))
            : [];

    public static bool Selects(Service service, PodObject pod) => service.Spec.Selector is { Count: > 0 } selector
        && selector.All(s => pod.Metadata.Labels?.GetValueOrDefault(s.Key) == s.Value);

    /// <summary>Where a pod serves a Service's port; null before it has an address, or where it has no such port.</summary>
    public static IPEndPoint? AddressOf(PodObject pod, Service service, ServicePortSpec port)
    {
        var family = service.Spec.IpFamilies is { Length: > 0 } families && !families.Contains("IPv4", StringComparer.Ordinal)
            ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        var addresses = (pod.Status.PodIPs ?? []).Select(ip => IPAddress.TryParse(ip.Ip, out var address) ? address : null);
        return addresses.FirstOrDefault(a => a?.AddressFamily == family) is { } found && PortOf(pod, port) is { } number ? new(found, number) : null;
    }

    private static int? PortOf(PodObject pod, ServicePortSpec port) => port.TargetPort is not { } target ? port.Port
        : int.TryParse(target, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : pod.Spec.Containers.SelectMany(c => c.Ports ?? []).FirstOrDefault(p => p.Name == target)?.Number;

    private void HasGone(PodObject pod)
    {
        var (ns, uid) = (pod.Metadata.Namespace, pod.Metadata.Uid);
        answering.Remove(uid);
        leaving.Remove(uid);
        if (!served(pod))
        {
            return;
        }

        if (!gone.TryGetValue(ns, out var uids))
        {
            gone[ns] = uids = new(StringComparer.Ordinal);
        }

        uids.Add(uid);
    }
}
