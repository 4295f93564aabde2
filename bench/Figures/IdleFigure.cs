using StackExchange.Redis;
using Wakegate.Bench.Load;
using Wakegate.Bench.Results;
using Wakegate.Bench.Running;

namespace Wakegate.Bench.Figures;

internal sealed class IdleFigure : IFigure
{
    private const int Routes = 10_000;
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(10);

    // Whatever came with the routes has left the ledger by then, and the runtime has compiled for good what that took.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(60);

    public string Name => "idle";

    public string Title => "10,000 idle routes, with a stream of KEDA's for each";

    public async Task MeasureAsync(Stage stage, Plan plan, Report report, CancellationToken cancellation)
    {
        var routes = Enumerable.Range(0, Routes).Select(n => $"shop{n}").ToList();
        foreach (var route in routes)
            stage.Objects.AddRoute(route);
        var ours = await stage.InterceptorAsync("interceptor", cancellation);
        var scaler = await stage.ScalerAsync(cancellation);
        await using var streams = await PushedStreams.OpenAsync(scaler.Address, routes, cancellation);
        await using var redis = await ConnectionMultiplexer.ConnectAsync($"{stage.Redis},allowAdmin=true");
        await Wait.SettleAsync(Rest, cancellation);
        report.Note($"{streams.Drain()} of {Routes} streams were told true though no request had come.");

        var heard = new SortedSet<string>(StringComparer.Ordinal);
        for (var round = 0; round < plan.Rounds; round++)
        {
            var before = (Interceptor: ours.Process!.Use.Cpu, Scaler: scaler.Process!.Use.Cpu, Commands: await CommandsAsync(redis));
            await Wait.SettleAsync(Turn, cancellation);
            report.Add("CPU", "% of a core", ours.Name, (ours.Process.Use.Cpu - before.Interceptor) / Turn * 100);
            report.Add("CPU", "% of a core", scaler.Name, (scaler.Process.Use.Cpu - before.Scaler) / Turn * 100);
            report.Add("resident memory", "MiB", ours.Name, ours.Process.Use.Resident / 1048576.0);
            report.Add("resident memory", "MiB", scaler.Name, scaler.Process.Use.Resident / 1048576.0);
            var after = await CommandsAsync(redis);
            var commands = after.ToDictionary(a => a.Key, a => a.Value - before.Commands.GetValueOrDefault(a.Key), StringComparer.Ordinal);
            report.Add("Redis commands", "1/s", "both", commands.Values.Sum() / Turn.TotalSeconds);
            heard.UnionWith(commands.Where(c => c.Value > 0).Select(c => c.Key));
        }

        report.Judge("CPU of the interceptor, % of a core", report.Median("CPU", ours.Name), new(AtMost: 1));
        report.Judge("CPU of the scaler, % of a core", report.Median("CPU", scaler.Name), new(AtMost: 1));
        report.Judge("Redis commands a second", report.Median("Redis commands", "both"), new(AtMost: 10));
        report.Note($"What Redis heard: {string.Join(", ", heard)}.");
        report.Note($"{Rest.TotalSeconds:0} s after the start; a round is {Turn.TotalSeconds:0} s.");
    }

    private static async Task<Dictionary<string, long>> CommandsAsync(ConnectionMultiplexer redis)
    {
        var stats = await redis.GetServers()[0].InfoAsync("commandstats");
        return stats.SelectMany(s => s).ToDictionary(
            s => s.Key["cmdstat_".Length..],
            s => long.Parse(s.Value.Split(',')[0]["calls=".Length..], System.Globalization.CultureInfo.InvariantCulture),
            StringComparer.Ordinal);
    }
}
