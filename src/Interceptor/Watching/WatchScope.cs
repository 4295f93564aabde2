namespace Wakegate.Interceptor.Watching;

/// <summary>The watches of all kinds in one namespace, or in the whole cluster.</summary>
internal sealed class WatchScope(
    string name, ResourceWatch<Service> services, ResourceWatch<EndpointSlice> slices, ResourceWatch<ScaledObject> objects)
{
    /// <summary>The namespace; empty for all.</summary>
    public string Name => name;

    /// <summary>Completes when all that it has of all kinds has been read for the first time.</summary>
    public Task Read => objects.Listed;

    /// <summary>Completes when one of its kinds has been refused for so long that it may stay so.</summary>
    public Task Refused { get; } = Task.WhenAny(services.Refused, slices.Refused, objects.Refused);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var targets = Task.WhenAll(services.RunAsync(cancellationToken), slices.RunAsync(cancellationToken));

        // ScaledObjects come last: when a route appears, its Service and pods are known, and a missing one is really missing.
        await Task.WhenAll(services.Listed, slices.Listed).WaitAsync(cancellationToken);
        await Task.WhenAll(targets, objects.RunAsync(cancellationToken));
    }
}
