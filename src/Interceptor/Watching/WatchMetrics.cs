using System.Diagnostics.Metrics;

namespace Wakegate.Interceptor.Watching;

internal sealed class WatchMetrics
{
    private readonly Counter<long> listed;
    private readonly Counter<long> started;
    private readonly Counter<long> failed;

    public WatchMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Wakegate.Interceptor.Watching");
        listed = meter.CreateCounter<long>("wakegate.interceptor.watch.lists", "{list}", "Lists of all objects of a kind that were begun.");
        started = meter.CreateCounter<long>("wakegate.interceptor.watch.starts", "{watch}", "Watches of the Kubernetes API that were started.");
        failed = meter.CreateCounter<long>("wakegate.interceptor.watch.failures", "{watch}", "Lists and watches that failed.");
    }

    public void Listed(string path) => listed.Add(1, new KeyValuePair<string, object?>("path", path));

    public void Started(string path) => started.Add(1, new KeyValuePair<string, object?>("path", path));

    public void Failed(string path) => failed.Add(1, new KeyValuePair<string, object?>("path", path));
}
