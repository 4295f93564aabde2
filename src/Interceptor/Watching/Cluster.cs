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

    public void Set(ScaledObject scaled)
    {
        lock (gate)
        {
            events.Know(scaled.Name, scaled.Metadata.Uid);
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

    private void Bind(Route route)
    {
        Unbind([route]);
        var service = new ObjectName(route.Id.Namespace, route.Spec.Service);
        services[route] = service;
        if (!users.TryGetValue(service, out var routes))
        {
            users[service] = routes = [];
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
