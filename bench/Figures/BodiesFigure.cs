using Wakegate.Bench.Load;
using Wakegate.Bench.Results;
using Wakegate.Bench.Running;

namespace Wakegate.Bench.Figures;

/// <summary>One direction of large bodies.</summary>
internal sealed class BodiesFigure(bool up) : IFigure
{
    private const string Peak = "resident peak";

    public string Name => up ? "upload" : "download";

    public string Title => $"Bodies of 1 MiB, {(up ? "up" : "down")}: HTTP/1.1, 8 connections";

    public async Task MeasureAsync(Stage stage, Plan plan, Report report, CancellationToken cancellation)
    {
        var contestants = await Proxies.StartAllAsync(stage, h2c: false, report.Note, cancellation, readsBodies: up);
        var body = Path.Combine(stage.Folder, "body");
        await File.WriteAllBytesAsync(body, new byte[1 << 20], cancellation);
        await Contest.RunAsync(
            contestants, plan, report,
            (who, time) =>
            {
                string[] options = [H2Load.Http1, "-c8", "-t1", "-m1", "-D", $"{time.TotalSeconds:0}", .. up ? ["-d", body] : Array.Empty<string>()];
                return H2Load.RunAsync(new Uri(who.Address, up ? "/" : "/1m"), Proxies.Host, options);
            },
            who => report.Add(Peak, "MiB", who.Name, who.Process!.Use.ResidentPeak / 1048576.0));
        Contest.Judge(report, contestants);
        report.Judge($"{Peak} of {Contestant.Wakegate}, last turn / half-way", report.Growth(Peak, Contestant.Wakegate), new(AtMost: 1.1));
    }
}
