using Wakegate.Bench.Load;
using Wakegate.Bench.Results;
using Wakegate.Bench.Running;

namespace Wakegate.Bench.Figures;

internal sealed class H2cFigure : IFigure
{
    public string Name => "h2c";

    public string Title => "Warm throughput: cleartext HTTP/2 on both sides, 8 connections with 32 streams each";

    public int Starts => 3;

    public Plan Plan { get; } = new(Rounds: 12, TimeSpan.FromSeconds(4));

    public async Task MeasureAsync(Stage stage, Plan plan, Report report, CancellationToken cancellation)
    {
        var contestants = await Proxies.StartAllAsync(stage, h2c: true, report.Note, cancellation);
        await Contest.RunAsync(
            contestants, plan, report, (who, time) => H2Load.RunAsync(who.Address, Proxies.Host, "-c8", "-m32", $"-t{Tools.LoadThreads}", "-D", $"{time.TotalSeconds:0}"));
        Contest.Judge(report, contestants);
    }
}
