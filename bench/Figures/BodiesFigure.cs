using Wakegate.Bench.Load;
using Wakegate.Bench.Results;
using Wakegate.Bench.Running;

namespace Wakegate.Bench.Figures;

/// <summary>One direction of large bodies.</summary>
internal sealed class BodiesFigure(bool up) : IFigure
{
    private const long MiB = 1 << 20;

    // Far more than any buffer: a proxy that kept it would show it.
    private const long Huge = 512;
    private const string Peak = "resident peak of a turn";
    private const string Growth = "growth while a body of 512 MiB passes";

    public string Name => up ? "upload" : "download";

    public string Title => $"Bodies of 1 MiB, {(up ? "up" : "down")}: HTTP/1.1, 8 connections";

    public int Starts => 3;

    public Plan Plan { get; } = new(Rounds: 9, TimeSpan.FromSeconds(4));

    public async Task MeasureAsync(Stage stage, Plan plan, Report report, CancellationToken cancellation)
    {
        var contestants = await Proxies.StartAllAsync(stage, h2c: false, report.Note, cancellation, readsBodies: up);
        await File.WriteAllBytesAsync(Path.Combine(stage.Folder, "1m"), new byte[MiB], cancellation);
        await Contest.RunAsync(
            contestants, plan, report,
            (who, time) =>
            {
                who.Process!.Use.ForgetPeak();
                return SendAsync(stage, who, "1m", "-c8", $"-t{Tools.LoadThreads}", "-m1", "-D", $"{time.TotalSeconds:0}");
            },
            who => report.Add(Peak, "MiB", who.Name, InMiB(who.Process!.Use.ResidentPeak)));

        await using (var huge = File.Create(Path.Combine(stage.Folder, "huge")))
            huge.SetLength(Huge * MiB);
        foreach (var contestant in contestants)
        {
            var use = contestant.Process!.Use;
            use.ForgetPeak();
            var before = use.Resident;
            await SendAsync(stage, contestant, "huge", "-n1", "-c1");
            report.Add(Growth, "MiB", contestant.Name, InMiB(use.ResidentPeak - before));
        }

        Contest.Judge(report, contestants);
        report.Ratio(Peak, Contestant.Wakegate, Contestant.Yarp, Bound.None);
        report.Judge($"{Growth}, most, MiB", report.Most(Growth, Contestant.Wakegate), new(AtMost: Huge / 8));
    }

    /// <summary>A file of the stage's, up or down.</summary>
    private Task<Outcome> SendAsync(Stage stage, Contestant who, string file, params string[] options)
    {
        string[] body = up ? ["-d", Path.Combine(stage.Folder, file)] : [];
        return H2Load.RunAsync(new Uri(who.Address, up ? "/" : $"/{file}"), Proxies.Host, [H2Load.Http1, .. options, .. body]);
    }

    private static double InMiB(long bytes) => bytes / (double)MiB;
}
