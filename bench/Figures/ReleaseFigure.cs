using System.Globalization;
using Wakegate.Bench.Load;
using Wakegate.Bench.Results;
using Wakegate.Bench.Roles;
using Wakegate.Bench.Running;

namespace Wakegate.Bench.Figures;

/// <summary>A crowd at a closed door, and then one pod that lets in a hundred at a time.</summary>
internal sealed class ReleaseFigure : IFigure
{
    private const int Crowd = 10_000;
    private const int Places = 100;
    private const string Metric = "time for 10,000";
    private const string Alone = "the pod alone";
    private static readonly TimeProvider Clock = TimeProvider.System;

    public string Name => "release";

    public string Title => "10,000 held requests released to one pod: podConcurrency 100, 5 ms a request";

    public async Task MeasureAsync(Stage stage, Plan plan, Report report, CancellationToken cancellation)
    {
        using var http = new HttpClient();
        await using var ledger = await LedgerView.OpenAsync(stage.Redis, cancellation);
        var pod = await stage.RoleAsync("pod", QueueingPod.Role, cancellation);
        var yarp = await stage.RoleAsync(Contestant.Yarp, BareForwarder.Role, cancellation, $"--To={pod.Address}");
        for (var round = 0; round <= plan.Rounds; round++)
            stage.Objects.AddRoute($"shop{round}", metadata: ("podConcurrency", $"{Places}"));
        var ours = await stage.InterceptorAsync(Contestant.Wakegate, cancellation);
        var displaced = new List<double>();
        var together = 0;

        // The first round warms up.
        for (var round = 0; round <= plan.Rounds; round++)
        {
            var alone = await TimeAsync(() => H2Load.RunAsync(pod.Address, Proxies.Host, H2Load.Http1, $"-n{Crowd}", $"-c{Places}", "-m1", "-i", PathsFor(stage, pod)));
            var behindYarp = await TimeAsync(() => H2Load.RunAsync(yarp.Address, Proxies.Host, $"-n{Crowd}", "-c1", $"-m{Places}", "-i", PathsFor(stage, yarp)));
            await http.GetStringAsync(new Uri(pod.Address, "/report"), cancellation);
            var released = await ReleaseAsync(stage, ledger, $"shop{round}", ours, pod, cancellation);
            var seen = (await http.GetStringAsync(new Uri(pod.Address, "/report"), cancellation)).Split(' ').Select(n => int.Parse(n, CultureInfo.InvariantCulture)).ToList();
            if (seen.Count - 1 != Crowd || seen.Skip(1).Distinct().Count() != Crowd)
                throw new BenchException($"The pod saw {seen.Count - 1} requests, not {Crowd}.");
            displaced.AddRange(seen.Skip(1).Select((number, place) => Math.Abs(number - place - 1.0)));
            together = Math.Max(together, seen[0]);
            if (round > 0)
            {
                report.Add(Metric, "ms", Alone, alone);
                report.Add(Metric, "ms", Contestant.Yarp, behindYarp);
                report.Add(Metric, "ms", Contestant.Wakegate, released);
            }
        }

        report.Ratio(Metric, Contestant.Wakegate, Alone, new(AtMost: 1.2));
        report.Ratio(Metric, Contestant.Wakegate, Contestant.Yarp, Bound.None);
        report.Judge("requests at the pod at once", together, new(AtMost: Places));
        report.Judge("places before or after its turn, p99", Statistics.Percentile(displaced, 0.99), new(AtMost: Places));
        report.Judge("places before or after its turn, most", displaced.Max(), Bound.None);
        report.Note("A request's turn is its place among the streams of one HTTP/2 connection. The 10,000 come within 70 ms: a thread that the machine stops for 10 ms before it has noted a request's arrival is overtaken by a thousand. Hence the p99.");
        report.Note("Each of the 10,000 was answered with 200 and reached the pod once: otherwise there is no result.");
        report.Note("The pod alone and bare YARP have 100 connections or streams in a closed loop, so nothing waits in them. Wakegate's time runs from the pod's EndpointSlice to the last answer.");
    }

    private static async Task<double> ReleaseAsync(
        Stage stage, LedgerView ledger, string route, Contestant ours, Contestant pod, CancellationToken cancellation)
    {
        await using var crowd = await H2Load.StartAsync(ours.Address, $"{route}.test", $"-n{Crowd}", "-c1", $"-m{Crowd}", "-i", PathsFor(stage, ours));
        await ledger.WakingAsync(route, Crowd, cancellation);
        return await TimeAsync(async () =>
        {
            stage.Objects.AddPod(route, pod.Port);
            H2Load.Read(ours.Address, await crowd.OutputAsync());
        });
    }

    private static async Task<double> TimeAsync(Func<Task> work)
    {
        var started = Clock.GetTimestamp();
        await work();
        return Clock.GetElapsedTime(started).TotalMilliseconds;
    }

    /// <summary>h2load asks for a file's URIs in their order.</summary>
    private static string PathsFor(Stage stage, Contestant who)
    {
        var file = Path.Combine(stage.Folder, $"paths-{who.Port}");
        if (!File.Exists(file))
            File.WriteAllLines(file, Enumerable.Range(1, Crowd).Select(n => $"{who.Address}{n}"));
        return file;
    }
}
