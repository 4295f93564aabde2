using System.Net;
using Wakegate.Contracts.Triggers;
using Wakegate.Interceptor.Forwarding;

namespace Wakegate.Interceptor.Watching;

/// <summary>Services and their EndpointSlices, and what a route can be sent to. Not thread-safe: used under the cluster's lock.</summary>
internal sealed class ServiceEndpoints
{
    private readonly bool allowForeign;
    private readonly Dictionary<ObjectName, Service> services = [];
    private readonly Dictionary<ObjectName, Dictionary<string, SliceEndpoints>> slices = [];
    private readonly Dictionary<ObjectName, ObjectName> owners = [];

    /// <param name="allowForeign">Whether endpoints are used that are no pods of their Service's namespace.</param>
    public ServiceEndpoints(bool allowForeign)
    {
        this.allowForeign = allowForeign;
        Watched = new(MayBeNamed);
    }

    /// <summary>The pods of namespaces in which requests are held.</summary>
    public WatchedPods Watched { get; }

    public void Set(Service service) => services[service.Name] = service with { Metadata = service.Metadata with { Labels = null } };

    public void Remove(ObjectName service) => services.Remove(service);

    /// <summary>Takes a slice over; says which Services it concerns: its own and, where it was relabelled, the one it had.</summary>
    public IEnumerable<ObjectName> Set(EndpointSlice slice)
    {
        var (before, endpoints) = Take(slice.Name);
        if (slice.Service is { } service)
        {
            if (!slices.TryGetValue(service, out var own))
            {
                slices[service] = own = [];
            }

            own[slice.Metadata.Name] = SliceEndpoints.Of(slice);
            owners[slice.Name] = service;
        }

        ForgetGone(slice.Metadata.Namespace, endpoints);
        return new[] { slice.Service, before }.OfType<ObjectName>().Distinct();
    }

    /// <summary>Forgets a slice; says which Service it concerned.</summary>
    public ObjectName? RemoveSlice(ObjectName name)
    {
        var (service, endpoints) = Take(name);
        ForgetGone(name.Namespace, endpoints);
        return service;
    }

    /// <summary>A namespace's pods are no longer watched.</summary>
    public void ForgetPods(string ns) => Watched.RemoveAll(ns, UidsIn(ns));

    /// <summary>Where a route's requests can go now.</summary>
    public Destination Resolve(RouteSpec route)
    {
        var name = new ObjectName(route.Id.Namespace, route.Service);
        if (!services.TryGetValue(name, out var service))
        {
            return Destination.None($"Service {name} does not exist.");
        }

        if (service.Spec.Type == "ExternalName")
        {
            return Destination.None($"Service {name} is of type ExternalName, which has no pods: name one that selects the workload's pods.");
        }

        var ports = service.Spec.Ports ?? [];
        if (Array.Find(ports, p => route.Port.Number == p.Port || (route.Port.Name is { } wanted && wanted == p.Name)) is not { } port)
        {
            return Destination.None(
                $"Service {name} has no port {route.Port}: it has {string.Join(", ", ports.Select(p => p.Name is null ? $"{p.Port}" : $"{p.Name} ({p.Port})"))}.");
        }

        var protocol = route.Protocol == UpstreamProtocol.Auto ? FromAppProtocol(port.AppProtocol) : route.Protocol;
        var (pods, foreign) = Pods(service, port, route.Readiness == Readiness.Probe);
        var doubt = service.Spec.PublishNotReadyAddresses == true
            ? $"Service {name} has publishNotReadyAddresses, so its endpoints are called ready before their pods are: whether one takes traffic shows only when a connection to it is tried. Use a Service without it."
            : null;
        var problem = foreign is null ? null
            : $"Endpoint {foreign} of Service {name} is not a Pod of namespace {name.Namespace}, so it is not used; the setting Interceptor:AllowForeignEndpoints allows it.";
        var destination = new Destination(pods, protocol, problem, doubt) { Starting = SlicesOf(name).Any(s => s.Starting > 0) };
        return route.Via == Via.Pods ? destination : ThroughClusterIP(service, port.Port, destination);
    }

    private (ObjectName? Service, KnownEndpoint[] Endpoints) Take(ObjectName name)
    {
        if (!owners.Remove(name, out var service) || !slices[service].Remove(name.Name, out var slice))
        {
            return (null, []);
        }

        if (slices[service].Count == 0)
        {
            slices.Remove(service);
        }

        return (service, slice.Endpoints);
    }

    /// <summary>A slice no longer has these endpoints: of the pods among them that are gone, those that no other names are forgotten.</summary>
    private void ForgetGone(string ns, KnownEndpoint[] endpoints)
    {
        if (endpoints.Length > 0 && Watched.AnyGone(ns))
        {
            var named = UidsIn(ns);
            Watched.ForgetGone(ns, uid => !named.Contains(uid) && Array.Exists(endpoints, e => e.Uid == uid));
        }
    }

    /// <summary>Whether slices name a pod, or may yet come that do, since a Service selects it.</summary>
    private bool MayBeNamed(PodObject pod)
    {
        var ns = pod.Metadata.Namespace;
        return services.Values.Any(s => s.Metadata.Namespace == ns && WatchedPods.Selects(s, pod)) || NamedIn(ns).Contains(pod.Metadata.Uid, StringComparer.Ordinal);
    }

    private HashSet<string> UidsIn(string ns) => NamedIn(ns).ToHashSet(StringComparer.Ordinal);

    private IEnumerable<string> NamedIn(string ns) => slices.Where(s => s.Key.Namespace == ns)
        .SelectMany(s => s.Value.Values).SelectMany(s => s.Endpoints).Select(e => e.Uid).OfType<string>();

    private static Destination ThroughClusterIP(Service service, int port, Destination pods)
    {
        if (!IPAddress.TryParse(service.Spec.ClusterIP, out var address))
        {
            return Destination.None($"Service {service.Name} is headless, so it has no address for via: service; use via: pods.");
        }

        return pods with { Pods = pods.Pods.Count == 0 ? [] : [new($"Service {service.Name}", service.Metadata.Uid, new IPEndPoint(address, port))] };
    }

    public bool Selects(ObjectName service, PodObject pod) => services.TryGetValue(service, out var known) && WatchedPods.Selects(known, pod);

    /// <summary>The pods that a Service selects, of those that are watched, and that are not going away.</summary>
    public IReadOnlyCollection<PodObject> LivingPodsOf(ObjectName service) =>
        services.TryGetValue(service, out var known) ? [.. Watched.SelectedBy(known).Where(p => p.Lives)] : [];

    /// <summary>
    /// Ready pods, each once: one of a dual-stack Service is in a slice of either family, and IPv4 goes first; one that moves between slices is
    /// in both for a moment. Where the namespace's pods are watched they are known earlier than by the slices, which follow them: both when they
    /// become ready and when they go.
    /// </summary>
    private (List<PodAddress> Pods, string? Foreign) Pods(Service of, ServicePortSpec servicePort, bool probed)
    {
        var (service, portName) = (of.Name, servicePort.Name ?? "");
        var pods = new Dictionary<string, PodAddress>(StringComparer.Ordinal);
        string? foreign = null;
        foreach (var slice in SlicesOf(service))
        {
            if (Array.Find(slice.Ports, p => (p.Name ?? "") == portName) is not { Port: { } port })
            {
                continue;
            }

            foreach (var endpoint in slice.Endpoints.Where(e => e.Ready))
            {
                if (!allowForeign && endpoint.PodNamespace != service.Namespace)
                {
                    foreign ??= endpoint.Address.ToString();
                    continue;
                }

                var address = new IPEndPoint(endpoint.Address, port);
                var uid = endpoint.Uid ?? address.ToString();
                pods.TryAdd(uid, new(endpoint.Name ?? address.ToString(), uid, address));
            }
        }

        foreach (var pod in Watched.SelectedBy(of).Where(p => p.Ready || (probed && Watched.Answers(p))))
        {
            if (WatchedPods.AddressOf(pod, of, servicePort) is { } endpoint)
            {
                pods.TryAdd(pod.Metadata.Uid, new(pod.Metadata.Name, pod.Metadata.Uid, endpoint));
            }
        }

        // A pod that is going away does not come back: of two slices, the one that says so is the newer.
        foreach (var leaving in SlicesOf(service).SelectMany(s => s.Endpoints).Where(e => e is { Terminating: true, Uid: not null }))
        {
            pods.Remove(leaving.Uid!);
        }

        return ([.. pods.Values.Where(p => !Watched.IsLeaving(service.Namespace, p.Uid))], foreign);
    }

    private IEnumerable<SliceEndpoints> SlicesOf(ObjectName service) =>
        slices.TryGetValue(service, out var own) ? own.Values.OrderBy(s => s.AddressType, StringComparer.Ordinal) : [];

    private static UpstreamProtocol FromAppProtocol(string? appProtocol) => appProtocol?.ToLowerInvariant() switch
    {
        "kubernetes.io/h2c" or "grpc" or "http2" => UpstreamProtocol.H2c,
        "https" => UpstreamProtocol.Https,
        _ => UpstreamProtocol.Auto,
    };
}

/// <summary>Where a route's requests can go.</summary>
/// <param name="Pods">Those that take traffic.</param>
/// <param name="Protocol">How they are spoken to.</param>
/// <param name="Problem">What stands in the way, in a sentence for the ScaledObject's author.</param>
/// <param name="Doubt">What does not, but may surprise, in the same way.</param>
internal sealed record Destination(IReadOnlyCollection<PodAddress> Pods, UpstreamProtocol Protocol, string? Problem, string? Doubt)
{
    /// <summary>Whether there are endpoints that take no traffic yet.</summary>
    public bool Starting { get; init; }

    public static Destination None(string problem) => new([], UpstreamProtocol.Auto, problem, null);
}
