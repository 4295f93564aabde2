using System.Diagnostics.Metrics;

namespace Wakegate.Interceptor.Watching;

/// <summary>How well the Kubernetes API can be watched, and what is wrong with ScaledObjects.</summary>
internal sealed class WatchMetrics
{
    private readonly Counter<long> listed;
    private readonly Counter<long> started;
    private readonly Counter<long> failed;

    public WatchMetrics(IMeterFactory meters, ScaledObjectEvents events)
    {
        var meter = meters.Create("Wakegate.Interceptor.Watching");
        listed = meter.CreateCounter<long>("wakegate.interceptor.watch.lists", "{list}", "Lists of all objects of a kind that were begun.");
        started = meter.CreateCounter<long>("wakegate.interceptor.watch.starts", "{watch}", "Watches of the Kubernetes API that were started.");
        failed = meter.CreateCounter<long>("wakegate.interceptor.watch.failures", "{watch}", "Lists and watches that failed.");
        meter.CreateObservableGauge(
            "wakegate.interceptor.trigger.problems", () => events.Lasting().Select(Measure), "{problem}", "Things wrong with ScaledObjects now, as in their Events.");
    }

    public void Listed(string path) => listed.Add(1, Resource(path));

    public void Started(string path) => started.Add(1, Resource(path));

    public void Failed(string path) => failed.Add(1, Resource(path));

    private static Measurement<int> Measure((ObjectName Object, string Reason, int Count) problem) =>
        new(problem.Count, new("namespace", problem.Object.Namespace), new("route", problem.Object.Name), new("reason", problem.Reason));

    /// <summary>The path's last segment; namespaces that are listed one by one are added up.</summary>
    private static KeyValuePair<string, object?> Resource(string path) => new("resource", path[(path.LastIndexOf('/') + 1)..]);
}
