using Wakegate.Contracts.Triggers;
using Wakegate.Interceptor.Routing;

namespace Wakegate.Interceptor.Watching;

/// <summary>What the interceptor knows of Kubernetes, and the routes that follow from it.</summary>
internal sealed class Cluster(RouteRegistry registry, ServiceEndpoints endpoints, ScaledObjectEvents events)
{
    private const string Unreadable = "Unreadable";

    // Guards registry, endpoints and users: the watches of the kinds take turns.
    private readonly Lock gate = new();
    private readonly Dictionary<ObjectName, HashSet<Route>> users = [];
    private readonly Dictionary<Route, ObjectName> services = [];
    private readonly Dictionary<string, HashSet<ObjectName>> servicesByNamespace = new(StringComparer.Ordinal);
    private readonly Dictionary<ObjectName, Scaling> scaling = [];

    public void Set(ScaledObject scaled)
    {
        lock (gate)
        {
            events.Know(scaled.Name, scaled.Metadata.Uid);
            events.Report(scaled.Name, Unreadable, []);
            scaling[scaled.Name] = new(scaled.Metadata.Annotations, scaled.Spec.ScaleTargetRef);
            var change = registry.Set(scaled);
            Unbind(change.Gone);
            foreach (var route in change.Now.Where(r => r.Refusal is null))
            {
                Bind(route);
            }
        }
    }

    /// <summary>A version that cannot be read changes nothing; its author is told.</summary>
    public void SetUnreadable(Metadata metadata, string error)
    {
        var name = new ObjectName(metadata.Namespace, metadata.Name);
        events.Know(name, metadata.Uid);
        events.Report(name, Unreadable, [new("spec", null, $"This ScaledObject cannot be read, so what was last known of it stays in force: {error}")]);
    }

    public void RemoveScaledObject(ObjectName name)
    {
        lock (gate)
        {
            scaling.Remove(name);
            Unbind(registry.Remove(name).Gone);
            events.Forget(name);
        }
    }

    public void Set(Service service)
    {
        lock (gate)
        {
            endpoints.Set(service);
            Refresh(service.Name);
        }
    }

    public void RemoveService(ObjectName name)
    {
        lock (gate)
        {
            endpoints.Remove(name);
            Refresh(name);
        }
    }

    public void Set(EndpointSlice slice)
    {
        lock (gate)
        {
            foreach (var service in endpoints.Set(slice))
            {
                Refresh(service);
            }
        }
    }

    public void RemoveSlice(ObjectName name)
    {
        lock (gate)
        {
            if (endpoints.RemoveSlice(name) is { } service)
            {
                Refresh(service);
            }
        }
    }

    public void Set(PodObject pod)
    {
        lock (gate)
        {
            var before = endpoints.Watched.Set(pod);
            RefreshPod(pod);
            if (before is not null)
            {
                RefreshPod(before);
            }
        }
    }

    public void RemovePod(ObjectName name)
    {
        lock (gate)
        {
            if (endpoints.Watched.Remove(name) is { } pod)
            {
                RefreshPod(pod);
            }
        }
    }

    /// <summary>A namespace's pods are no longer watched: its EndpointSlices alone say what is ready.</summary>
    public void ForgetPods(string ns)
    {
        lock (gate)
        {
            endpoints.ForgetPods(ns);
            foreach (var service in servicesByNamespace.GetValueOrDefault(ns) ?? [])
            {
                Refresh(service);
            }
        }
    }

    /// <summary>A pod's own readinessProbe has succeeded, before the kubelet has said so.</summary>
    public void SetAnswers(PodObject pod)
    {
        lock (gate)
        {
            endpoints.Watched.SetAnswers(pod);
            RefreshPod(pod);
        }
    }

    /// <summary>The pods of a route that live, of a namespace whose pods are watched, and how its ScaledObject has them scaled.</summary>
    public (IReadOnlyCollection<PodObject> Pods, Scaling? Scaling) PodsOf(Route route)
    {
        lock (gate)
        {
            var pods = services.TryGetValue(route, out var service) ? endpoints.LivingPodsOf(service) : [];
            return (pods, scaling.GetValueOrDefault(new(route.Id.Namespace, route.Id.ScaledObject)));
        }
    }

    /// <summary>Of those, the pods that have not said that they take traffic: neither the kubelet nor their own probe.</summary>
    public IReadOnlyCollection<PodObject> SilentPodsOf(Route route)
    {
        lock (gate)
        {
            return services.TryGetValue(route, out var service)
                ? [.. endpoints.LivingPodsOf(service).Where(p => !p.Ready && !endpoints.Watched.Answers(p))] : [];
        }
    }

    /// <summary>Whether a pod serves it of which only its own probe has said that it takes traffic: without watching it would be lost.</summary>
    public bool IsServedEarly(Route route)
    {
        lock (gate)
        {
            return route.Spec.Readiness == Readiness.Probe && services.TryGetValue(route, out var service)
                && endpoints.LivingPodsOf(service).Any(endpoints.Watched.Answers);
        }
    }

    private void Bind(Route route)
    {
        Unbind([route]);
        var service = new ObjectName(route.Id.Namespace, route.Spec.Service);
        services[route] = service;
        if (!users.TryGetValue(service, out var routes))
        {
            users[service] = routes = [];
            if (!servicesByNamespace.TryGetValue(service.Namespace, out var names))
            {
                servicesByNamespace[service.Namespace] = names = [];
            }

            names.Add(service);
        }

        routes.Add(route);
        Refresh(route);
    }

    private void Unbind(IEnumerable<Route> routes)
    {
        foreach (var route in routes)
        {
            if (services.Remove(route, out var service) && users[service].Remove(route) && users[service].Count == 0)
            {
                users.Remove(service);
                servicesByNamespace[service.Namespace].Remove(service);
            }
        }
    }

    private void RefreshPod(PodObject pod)
    {
        foreach (var service in servicesByNamespace.GetValueOrDefault(pod.Metadata.Namespace) ?? [])
        {
            if (endpoints.Selects(service, pod))
            {
                foreach (var route in users.GetValueOrDefault(service) ?? [])
                {
                    route.Wakes.Saw(pod);
                }

                Refresh(service);
            }
        }
    }

    private void Refresh(ObjectName service)
    {
        foreach (var route in users.GetValueOrDefault(service) ?? [])
        {
            Refresh(route);
        }
    }

    private void Refresh(Route route)
    {
        var destination = endpoints.Resolve(route.Spec);
        route.Pods.Protocol = destination.Protocol;
        route.AtZero.Set(destination is { Pods.Count: 0, Starting: false });
        route.Pods.Replace(destination.Pods);
        Report("NoDestination", route, destination.Problem);
        Report("ReadinessUnknown", route, destination.Doubt);
    }

    private void Report(string reason, Route route, string? problem) => events.Report(
        new(route.Id.Namespace, route.Id.ScaledObject),
        $"{reason} {route.Id.Route}",
        problem is null ? [] : [new Refusal("service", route.Spec.Service, problem)]);
}

/// <summary>What a ScaledObject says of scaling.</summary>
/// <param name="Annotations">KEDA's.</param>
/// <param name="Target">The workload.</param>
internal sealed record Scaling(IReadOnlyDictionary<string, string>? Annotations, ScaleTarget? Target);
