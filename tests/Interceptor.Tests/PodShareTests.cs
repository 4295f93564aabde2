using CsCheck;
using Wakegate.Interceptor.Forwarding;

namespace Wakegate.Interceptor.Tests;

public class PodShareTests
{
    private static readonly Gen<(int Concurrency, string Pod, string[] Replicas)> Cases =
        Gen.Select(Gen.Int[1, 200], Gen.Guid, Gen.Int[1, 20], (n, pod, r) => (n, pod.ToString(), Enumerable.Range(0, r).Select(i => $"interceptor-{i}").ToArray()));

    [Fact]
    public void SharesOfAllReplicas_AddUpToTheConcurrency() => Cases.Sample(c =>
    {
        var shares = c.Replicas.Select(self => PodShare.Of(c.Concurrency, c.Pod, self, c.Replicas)).ToList();

        Assert.Equal(Math.Max(c.Concurrency, c.Replicas.Length), shares.Sum());
        Assert.InRange(shares.Max() - shares.Min(), 0, 1);
    });

    [Fact]
    public void RemaindersOfManyPods_AreSpreadOverTheReplicas()
    {
        string[] replicas = ["a", "b", "c"];

        var places = replicas.Select(self => Enumerable.Range(0, 300).Sum(pod => PodShare.Of(1 + 3, $"pod-{pod}", self, replicas))).ToList();

        Assert.Equal(300 * 4, places.Sum());
        Assert.All(places, p => Assert.InRange(p, 350, 450));
    }
}
