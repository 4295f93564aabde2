using Wakegate.Interceptor.Watching;

namespace Wakegate.Interceptor.Waking;

/// <summary>What is known of a route's chance to get a pod. Used by <see cref="OutlookService"/> only.</summary>
/// <param name="began">When the route first wanted one, as a timestamp of the clock.</param>
internal sealed class RouteOutlook(long began)
{
    // By pod and container: how often it had failed when it was first seen.
    private Dictionary<(string Uid, string Container), int> failures = [];

    /// <summary>Since when it has had no pod that lives, ready or not.</summary>
    public long PodlessSince { get; set; } = began;

    /// <summary>Since when all its pods have an obstacle.</summary>
    public long? ObstructedSince { get; set; }

    /// <summary>What its Deployment last said.</summary>
    public Obstacle? OfDeployment { get; set; }

    /// <summary>Whether a node may be on its way, as far as is known.</summary>
    public bool NodeMayCome { get; set; } = true;

    /// <summary>When the API server was last asked about it; null for never.</summary>
    public long? Asked { get; set; }

    /// <summary>Notes how often the containers of its pods have failed before they were waited for: that says nothing about now.</summary>
    public void See(IReadOnlyCollection<PodObject> pods)
    {
        var before = failures;
        failures = [];
        foreach (var pod in pods)
        {
            foreach (var container in pod.Status.ContainerStatuses ?? [])
            {
                var key = (pod.Metadata.Uid, container.Name);
                failures[key] = before.GetValueOrDefault(key, container.RestartCount);
            }
        }
    }

    /// <summary>How often a container that was seen has failed since.</summary>
    public int FailuresOf(PodObject pod, ContainerStatus container) =>
        container.RestartCount - failures.GetValueOrDefault((pod.Metadata.Uid, container.Name), container.RestartCount);
}
