using StackExchange.Redis;
using Wakegate.Bench.Load;
using Wakegate.Bench.Results;
using Wakegate.Bench.Roles;
using Wakegate.Bench.Running;

namespace Wakegate.Bench.Figures;

/// <summary>From a request's arrival at a sleeping workload to the true that KEDA reads.</summary>
internal sealed class EdgeFigure : IFigure
{
    private const int Samples = 300;
    private const string Bare = "bare PUBLISH to gRPC";

    // Until every method that takes part has been compiled for good.
    private const int WarmUp = 4;

    // Long enough for a route that is new to the ledger to be idle there, by the streams' own window.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    // Between two rounds: connections are accepted, and what the last round left behind is done.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeProvider Clock = TimeProvider.System;

    public string Name => "edge";

    public string Title => "From a request's arrival to the true on KEDA's stream";

    public async Task MeasureAsync(Stage stage, Plan plan, Report report, CancellationToken cancellation)
    {
        // A route's first request is an edge: each sample has a route of its own.
        var routes = Enumerable.Range(0, Samples * (plan.Rounds + WarmUp)).Select(n => $"shop{n}").ToList();
        foreach (var route in routes)
            stage.Objects.AddRoute(route);
        var ours = await stage.InterceptorAsync(Contestant.Wakegate, cancellation);
        var scaler = await stage.ScalerAsync(cancellation);
        var relay = await stage.RoleAsync(Bare, BareRelay.Role, cancellation, $"--Redis={stage.Redis}");
        await using var redis = await ConnectionMultiplexer.ConnectAsync(stage.Redis);
        await using var fromScaler = await PushedStreams.OpenAsync(scaler.Address, routes, cancellation);
        await using var fromRelay = await PushedStreams.OpenAsync(relay.Address, routes, cancellation);

        await Wait.SettleAsync(Rest, cancellation);
        report.Note($"{fromScaler.Drain()} of {routes.Count} streams were told true before any request had come.");

        for (var round = -WarmUp; round < plan.Rounds; round++)
        {
            var (bare, pushed) = (new List<double>(), new List<double>());
            var clients = await Task.WhenAll(Enumerable.Range(0, Samples).Select(_ => RawRequest.ConnectAsync(ours.Port, cancellation)));
            await Wait.SettleAsync(Pause, cancellation);
            foreach (var (route, connected) in routes.Skip((round + WarmUp) * Samples).Zip(clients))
            {
                await using var client = connected;
                bare.Add(await TimeAsync(fromRelay, route, () => redis.GetSubscriber().Publish(BareRelay.Edges, route, CommandFlags.FireAndForget)));
                pushed.Add(await TimeAsync(fromScaler, route, () => client.Send($"{route}.test")));
            }

            if (round >= 0)
            {
                Add(report, Bare, bare);
                Add(report, Contestant.Wakegate, pushed);
            }
        }

        report.Ratio("p99", Contestant.Wakegate, Bare, new(AtMost: 3));
        report.Ratio("p50", Contestant.Wakegate, Bare, Bound.None);
        report.Note($"{Samples} edges a round, one after the other, on {routes.Count} open streams; the aim for the p99 is 10 ms.");
    }

    internal static void Add(Report report, string contestant, List<double> samples)
    {
        report.Add("p50", "ms", contestant, Statistics.Percentile(samples, 0.5));
        report.Add("p99", "ms", contestant, Statistics.Percentile(samples, 0.99));
    }

    private static async Task<double> TimeAsync(PushedStreams streams, string route, Action begin)
    {
        var started = Clock.GetTimestamp();
        begin();
        return Clock.GetElapsedTime(started, await streams.NextAsync(route)).TotalMilliseconds;
    }
}
