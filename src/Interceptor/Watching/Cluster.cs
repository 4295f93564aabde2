using Wakegate.Contracts.Triggers;
using Wakegate.Interceptor.Routing;

namespace Wakegate.Interceptor.Watching;

/// <summary>What the interceptor knows of Kubernetes, and the routes that follow from it.</summary>
internal sealed class Cluster(RouteRegistry registry, ServiceEndpoints endpoints, ScaledObjectEvents events)
{
    // Guards registry, endpoints and users: the watches of the kinds take turns.
    private readonly Lock gate = new();
    private readonly Dictionary<ObjectName, HashSet<Route>> users = [];
    private readonly Dictionary<Route, ObjectName> services = [];
    private readonly Dictionary<string, HashSet<ObjectName>> servicesByNamespace = new(StringComparer.Ordinal);
    private readonly Dictionary<ObjectName, ScaledObject> scaledObjects = [];

    public void Set(ScaledObject scaled)
    {
        lock (gate)
        {
            events.Know(scaled);
            scaledObjects[scaled.Name] = scaled;
            var change = registry.Set(scaled);
            Unbind(change.Gone);
            foreach (var route in change.Now.Where(r => r.Refusal is null))
            {
                Bind(route);
            }
        }
    }

    public void RemoveScaledObject(ObjectName name)
    {
        lock (gate)
        {
            scaledObjects.Remove(name);
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
            endpoints.Watched.RemoveAll(ns);
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

    /// <summary>The pods of a route that live, of a namespace whose pods are watched, and the ScaledObject that has them scaled.</summary>
    public (IReadOnlyCollection<PodObject> Pods, ScaledObject? ScaledObject) PodsOf(Route route)
    {
        lock (gate)
        {
            var pods = services.TryGetValue(route, out var service) ? endpoints.LivingPodsOf(service) : [];
            return (pods, scaledObjects.GetValueOrDefault(new(route.Id.Namespace, route.Id.ScaledObject)));
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
        route.Pods.Replace(destination.Pods);
        events.Report(
            new(route.Id.Namespace, route.Id.ScaledObject),
            $"NoDestination {route.Id.Route}",
            destination.Problem is { } problem ? [new Refusal("service", route.Spec.Service, problem)] : []);
    }
}
