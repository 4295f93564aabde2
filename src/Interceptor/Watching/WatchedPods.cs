using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Wakegate.Interceptor.Watching;

/// <summary>The pods of the namespaces in which requests are held. Not thread-safe: used under the cluster's lock.</summary>
internal sealed class WatchedPods
{
    private readonly Dictionary<string, Dictionary<string, PodObject>> namespaces = new(StringComparer.Ordinal);

    // By uid, of the pods above: those that are going away, and those whose probe has succeeded before the kubelet said so.
    private readonly HashSet<string> leaving = new(StringComparer.Ordinal);
    private readonly HashSet<string> answering = new(StringComparer.Ordinal);

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
            Forget(before);
        }

        pods[pod.Metadata.Name] = pod;
        if (!pod.Lives)
        {
            leaving.Add(pod.Metadata.Uid);
        }

        if (pod.Ready || !pod.Lives || (before is not null && pod.Restarts != before.Restarts))
        {
            // From its first Ready on, the kubelet's word is what counts; and what has started anew must answer anew.
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

        Forget(pod);
        return pod;
    }

    /// <summary>Forgets all pods of a namespace that is no longer watched.</summary>
    public void RemoveAll(string ns)
    {
        if (namespaces.Remove(ns, out var pods))
        {
            foreach (var pod in pods.Values)
            {
                Forget(pod);
            }
        }
    }

    /// <summary>A pod's readinessProbe has succeeded.</summary>
    public void SetAnswers(PodObject pod)
    {
        if (namespaces.GetValueOrDefault(pod.Metadata.Namespace)?.GetValueOrDefault(pod.Metadata.Name) is { Lives: true, Ready: false } known
            && known.Metadata.Uid == pod.Metadata.Uid)
        {
            answering.Add(pod.Metadata.Uid);
        }
    }

    public bool Answers(PodObject pod) => answering.Contains(pod.Metadata.Uid);

    public bool IsLeaving(string uid) => leaving.Contains(uid);

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

    private void Forget(PodObject pod)
    {
        leaving.Remove(pod.Metadata.Uid);
        answering.Remove(pod.Metadata.Uid);
    }
}
