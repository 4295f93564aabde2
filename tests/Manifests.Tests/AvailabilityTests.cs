using k8s.Models;

namespace Wakegate.Manifests.Tests;

/// <summary>What must never be down at once is not, as far as a Deployment and its budget decide that.</summary>
public sealed class AvailabilityTests
{
    [Theory(Timeout = 60_000)]
    [InlineData("wakegate-interceptor", 3)]
    [InlineData("wakegate-scaler", 2)]
    public async Task SeveralReplicas_LoseAtMostOneAndNoneInARollout(string name, int least)
    {
        var manifest = await Manifest.OfAsync("manifests");
        var deployment = manifest.One<V1Deployment>(name).Spec;
        var autoscaler = manifest.All<V2HorizontalPodAutoscaler>().SingleOrDefault(a => a.Spec.ScaleTargetRef.Name == name);

        Assert.Equal(least, deployment.Replicas ?? autoscaler?.Spec.MinReplicas);
        Assert.Equal("0", deployment.Strategy.RollingUpdate.MaxUnavailable.ToString());
        Assert.Equal("1", manifest.One<V1PodDisruptionBudget>(name).Spec.MaxUnavailable.ToString());
        Assert.Equal(
            ["kubernetes.io/hostname", "topology.kubernetes.io/zone"],
            deployment.Template.Spec.TopologySpreadConstraints.Select(s => s.TopologyKey));
    }

    [Fact(Timeout = 60_000)]
    public async Task Redis_IsNeverTwo()
    {
        var redis = (await Manifest.OfAsync("manifests")).One<V1Deployment>("wakegate-redis").Spec;

        Assert.Equal(1, redis.Replicas);
        Assert.Equal("Recreate", redis.Strategy.Type);
    }
}
