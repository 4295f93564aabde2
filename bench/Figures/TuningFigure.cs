using Wakegate.Bench.Load;
using Wakegate.Bench.Results;
using Wakegate.Bench.Running;

namespace Wakegate.Bench.Figures;

/// <summary>What the runtime's own settings do to the interceptor: for whoever decides on its defaults.</summary>
internal sealed class TuningFigure : IFigure
{
    private const string AsShipped = "as shipped";

    private static readonly (string Name, (string Key, string Value)[] Settings)[] Variants =
    [
        (AsShipped, []),
        ("GC not adaptive", [("DOTNET_GCDynamicAdaptationMode", "0")]),
        ("sockets on the thread pool", [("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "0")]),
        ("threads that spin", [("DOTNET_ThreadPool_UnfairSemaphoreSpinLimit", "70")]),
    ];

    public string Name => "tuning";

    public string Title => "The interceptor under other settings of the runtime: HTTP/1.1, 64 connections";

    public async Task MeasureAsync(Stage stage, Plan plan, Report report, CancellationToken cancellation)
    {
        var upstream = await Proxies.UpstreamAsync(stage, h2c: false, report.Note, cancellation);
        stage.Objects.AddRoute("shop", metadata: ("protocol", "http1"));
        stage.Objects.AddPod("shop", upstream.Port);
        var contestants = new List<Contestant>();
        foreach (var (name, settings) in Variants)
            contestants.Add(await stage.InterceptorAsync(name, cancellation, settings));
        await Contest.RunAsync(contestants, plan, report, (who, time) => Wrk.RunAsync(who.Address, Proxies.Host, connections: 64, time));
        foreach (var contestant in contestants)
        {
            report.Add("resident memory", "MiB", contestant.Name, contestant.Process!.Use.Resident / 1048576.0);
            if (contestant.Name != AsShipped)
                report.Ratio(Contest.Cpu, contestant.Name, AsShipped, Bound.None);
        }
    }
}
