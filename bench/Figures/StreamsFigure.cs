using Wakegate.Bench.Load;
using Wakegate.Bench.Results;
using Wakegate.Bench.Running;
using Wakegate.Contracts.Ledger;
using Wakegate.Contracts.Triggers;

namespace Wakegate.Bench.Figures;

/// <summary>A replica that only counts lets one route after the other become active.</summary>
internal sealed class StreamsFigure : IFigure
{
    private const int Routes = 10_000;
    private const int EdgesASecond = 1_000;
    private static readonly TimeProvider Clock = TimeProvider.System;

    public string Name => "streams";

    public string Title => "The scaler with 10,000 streams on one connection, and 1,000 edges a second for 10 s";

    public async Task MeasureAsync(Stage stage, Plan plan, Report report, CancellationToken cancellation)
    {
        var scaler = await stage.ScalerAsync(cancellation);
        for (var round = 0; round < plan.Rounds; round++)
        {
            var routes = Enumerable.Range(0, Routes).Select(n => $"round{round}-{n}").ToList();
            var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { Args = [$"--Redis:ConnectionString={stage.Redis}"] });
            builder.Services.AddLedgerWriter();
            using var replica = builder.Build();
            await replica.StartAsync(cancellation);
            var counts = routes.ConvertAll(route => replica.Services.GetRequiredService<LedgerWriter>().Track(LedgerView.Route(route), new ScalingSpec()));
            await using var streams = await PushedStreams.OpenAsync(scaler.Address, routes, cancellation);

            var cpu = scaler.Process!.Use.Cpu;
            var entered = await EnterAsync(counts, cancellation);
            await Wait.SettleAsync(TimeSpan.FromSeconds(2), cancellation);
            var latencies = routes.Zip(entered, (route, at) => streams.Arrival(route) is { } arrival ? Clock.GetElapsedTime(at, arrival).TotalMilliseconds : double.NaN).ToList();
            var delivered = latencies.Where(l => !double.IsNaN(l)).ToList();
            report.Add("delivered", "edges", "scaler", delivered.Count);
            report.Add("p50", "ms", "scaler", Statistics.Percentile(delivered, 0.5));
            report.Add("p99", "ms", "scaler", Statistics.Percentile(delivered, 0.99));
            report.Add("slowest", "ms", "scaler", delivered.Max());
            report.Add("CPU an edge", "µs", "scaler", (scaler.Process.Use.Cpu - cpu).TotalMicroseconds / Routes);
            foreach (var count in counts)
                count.Leave();
            await replica.StopAsync(cancellation);
        }

        report.Judge("edges delivered, of 10,000, in the worst round", report.Least("delivered", "scaler"), new(AtLeast: Routes));
        report.Judge("p99 from the edge to the stream, ms", report.Median("p99", "scaler"), Bound.None);
        report.Note("From the count in the replica's memory to the message read by a client on the same two cores; the aim for the p99 is 50 ms.");
    }

    /// <summary>Every millisecond those that are due; gives when each was.</summary>
    private static async Task<List<long>> EnterAsync(List<PendingCounts> counts, CancellationToken cancellation)
    {
        var entered = new List<long>(counts.Count);
        var start = Clock.GetTimestamp();
        while (entered.Count < counts.Count)
        {
            var due = Math.Min(counts.Count, (int)(Clock.GetElapsedTime(start).TotalSeconds * EdgesASecond));
            while (entered.Count < due)
            {
                entered.Add(Clock.GetTimestamp());
                counts[entered.Count - 1].Enter();
            }

            await Task.Delay(TimeSpan.FromMilliseconds(1), Clock, cancellation);
        }

        return entered;
    }
}
