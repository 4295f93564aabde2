using Wakegate.Bench.Load;
using Wakegate.Bench.Results;
using Wakegate.Bench.Roles;
using Wakegate.Bench.Running;

namespace Wakegate.Bench.Figures;

internal sealed class WarmFigure : IFigure
{
    public string Name => "warm";

    public string Title => "Warm throughput: HTTP/1.1, 64 connections that stay open, a body of 64 bytes";

    public int Starts => 3;

    public Plan Plan { get; } = new(Rounds: 12, TimeSpan.FromSeconds(4));

    public async Task MeasureAsync(Stage stage, Plan plan, Report report, CancellationToken cancellation)
    {
        var contestants = await Proxies.StartAllAsync(stage, h2c: false, report.Note, cancellation);

        // What those headers cost, and what sockets that do without the thread pool gain.
        var upstream = $"--To=http://127.0.0.1:{contestants.Single(c => c.Name == Contestant.Direct).Port}";
        contestants =
        [
            .. contestants,
            await stage.RoleAsync(Contestant.YarpWithoutHeaders, BareForwarder.Role, cancellation, upstream, "--Forwarded=false"),
            await stage.RoleAsync(Contestant.YarpPooled, BareForwarder.Role, cancellation, upstream, "--InlineSockets=false"),
        ];
        await Contest.RunAsync(contestants, plan, report, (who, time) => Wrk.RunAsync(who.Address, Proxies.Host, connections: 64, time));
        Contest.Judge(report, contestants);
    }
}
