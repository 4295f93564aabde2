using Wakegate.Bench.Results;
using Wakegate.Bench.Running;
using Wakegate.Local.Processes;

namespace Wakegate.Bench.Figures;

/// <summary>How long a new interceptor takes until it may have traffic: process start, all routes read, ready.</summary>
internal sealed class StartupFigure : IFigure
{
    private const string Metric = "until ready";
    private const string Jit = "compiled as it starts";
    private const string Image = "as in the image";
    private const string Composite = "composite, with its runtime";
    private const int Routes = 100;

    public string Name => "startup";

    public string Title => $"From the start of an interceptor's process until it is ready, with {Routes} routes";

    public async Task MeasureAsync(Stage stage, Plan plan, Report report, CancellationToken cancellation)
    {
        for (var n = 0; n < Routes; n++)
            stage.Objects.AddRoute($"shop{n}");
        (string Name, IReadOnlyList<string> Command)[] ways =
        [
            (Jit, DotnetProgram.Command("Interceptor")),
            (Image, await Published.InterceptorAsync(Path.Combine(stage.Folder, "image"))),
            (Composite, await Published.CompositeInterceptorAsync(Path.Combine(stage.Folder, "composite"))),
        ];

        // The first round brings the files into memory.
        for (var round = 0; round <= plan.Rounds; round++)
        {
            foreach (var (name, command) in plan.InTurn(ways, round))
            {
                var (took, contestant) = await stage.StartInterceptorAsync(name, command, cancellation);
                if (round > 0)
                {
                    report.Add(Metric, "ms", name, took.TotalMilliseconds);
                    report.Add("CPU until ready", "ms", name, contestant.Process!.Use.Cpu.TotalMilliseconds);
                    report.Add("resident memory", "MiB", name, contestant.Process.Use.Resident / 1048576.0);
                }

                await stage.RemoveAsync(contestant);
            }
        }

        report.Judge($"{Metric}, {Image}, ms", report.Median(Metric, Image), new(AtMost: 1000));
        report.Ratio(Metric, Image, Jit, Bound.None);
        report.Ratio(Metric, Composite, Image, Bound.None);
        report.Note("Until /readyz says yes: Redis has been tried and the cluster's ScaledObjects have been read. Pulling the image and the kubelet's own probe come on top.");
    }
}
