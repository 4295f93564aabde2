using Wakegate.Bench.Load;
using Wakegate.Bench.Results;
using Wakegate.Bench.Running;

namespace Wakegate.Bench.Figures;

internal sealed class LatencyFigure : IFigure
{
    private const int Connections = 64;

    public string Name => "latency";

    public string Title => "Warm latency at half of what bare YARP can do: open loop, HTTP/1.1, 64 connections";

    // Of half as many, two runs differ by a tenth and more.
    public Plan Plan { get; } = new(Rounds: 61, TimeSpan.FromSeconds(1));

    public async Task MeasureAsync(Stage stage, Plan plan, Report report, CancellationToken cancellation)
    {
        var contestants = await Proxies.StartAllAsync(stage, h2c: false, report.Note, cancellation);
        await Contest.WarmUpAsync(contestants, plan, (who, time) => Wrk.RunAsync(who.Address, Proxies.Host, Connections, time));
        var most = await Wrk.RunAsync(contestants.Single(c => c.Name == Contestant.Yarp).Address, Proxies.Host, Connections, plan.Turn);
        var rate = most.PerSecond / 2;

        // The first round warms up.
        for (var round = 0; round <= plan.Rounds; round++)
        {
            foreach (var contestant in plan.InTurn(contestants, round))
            {
                var latencies = await OpenLoop.RunAsync(contestant.Port, Proxies.Host, Connections, rate, plan.Turn);
                if (round == 0)
                    continue;
                report.Add("p50", "ms", contestant.Name, Statistics.Percentile(latencies, 0.5));
                report.Add("p99", "ms", contestant.Name, Statistics.Percentile(latencies, 0.99));
            }
        }

        report.Ratio("p50", Contestant.Wakegate, Contestant.Yarp, new(AtMost: 1.05));
        report.Ratio("p99", Contestant.Wakegate, Contestant.Yarp, new(AtMost: 1.05));
        report.Note($"{Markdown.Number(rate)} requests a second, sent by a client of our own on a fixed schedule; latency counts from when a request was to be sent.");
    }
}
