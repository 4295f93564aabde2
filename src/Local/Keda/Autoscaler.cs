namespace Wakegate.Local.Keda;

/// <summary>
/// The HorizontalPodAutoscaler's arithmetic for external metrics with an AverageValue target: from one replica up, and back to one.
/// </summary>
/// <remarks>
/// Remembers what it wanted and how it grew, so one instance serves one workload for as long as that exists. Not safe for
/// concurrent use.
/// </remarks>
internal sealed class Autoscaler
{
    private const double Tolerance = 0.1;
    private const int PodsAPeriod = 4;
    private static readonly TimeSpan GrowthPeriod = TimeSpan.FromSeconds(15);

    private readonly Queue<(DateTimeOffset At, int Replicas)> wanted = new();
    private readonly Queue<(DateTimeOffset At, int Pods)> grown = new();

    /// <summary>How many replicas there shall be.</summary>
    /// <param name="rules">Bounds and the scale-down window.</param>
    /// <param name="current">Replicas now. At zero the HPA is off, and the answer is zero.</param>
    /// <param name="metrics">Each metric's sum over all pods, and its target per pod; the one that wants most wins.</param>
    /// <param name="complete">False where a metric could not be read: then the others may only add replicas.</param>
    /// <param name="now">The time of the decision.</param>
    public int Decide(ScalingRules rules, int current, IReadOnlyList<MetricReading> metrics, bool complete, DateTimeOffset now)
    {
        if (current == 0)
            return 0;

        var most = metrics.Select(metric => Wanted(current, metric)).DefaultIfEmpty(current).Max();
        var known = metrics.Count > 0 && (complete || most >= current);
        var next = Bound(rules, known ? Limit(Stabilise(rules, current, most, now), current, now) : current);
        if (next > current)
            grown.Enqueue((now, next - current));
        return next;
    }

    /// <summary>What one metric asks for: enough pods that each takes its target, unless the change is within the tolerance.</summary>
    public static int Wanted(int current, MetricReading metric)
    {
        var ratio = metric.Sum / (metric.Target * current);
        return Math.Abs(ratio - 1) <= Tolerance ? current : (int)Math.Min(int.MaxValue, Math.Ceiling(metric.Sum / metric.Target));
    }

    private static int Bound(ScalingRules rules, int replicas) =>
        Math.Clamp(replicas, rules.AwakeReplicas, Math.Max(rules.AwakeReplicas, rules.MaxReplicas));

    // Up at once, down only to the most that was wanted within the window.
    private int Stabilise(ScalingRules rules, int current, int most, DateTimeOffset now)
    {
        if (wanted.Count == 0)
            wanted.Enqueue((now, current));
        wanted.Enqueue((now, most));
        while (now - wanted.Peek().At > rules.ScaleDownWindow)
            wanted.Dequeue();

        return Math.Max(most, Math.Min(current, wanted.Max(want => want.Replicas)));
    }

    // Within any 15 s: 4 pods or twice as many, whichever is more.
    private int Limit(int next, int current, DateTimeOffset now)
    {
        while (grown.TryPeek(out var oldest) && now - oldest.At >= GrowthPeriod)
            grown.Dequeue();

        var periodStart = Math.Max(0, current - grown.Sum(growth => growth.Pods));
        return Math.Min(next, Math.Max(current, Math.Max(periodStart + PodsAPeriod, periodStart * 2)));
    }
}
