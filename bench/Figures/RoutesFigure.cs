using Wakegate.Bench.Load;
using Wakegate.Bench.Results;
using Wakegate.Bench.Running;

namespace Wakegate.Bench.Figures;

internal sealed class RoutesFigure : IFigure
{
    private const int Routes = 10_000;
    private const string One = "1 route";
    private const string Many = "10,000 routes";

    public string Name => "routes";

    public string Title => "Warm throughput with 10,000 routes and with one: HTTP/1.1, 64 connections, all to one host";

    public async Task MeasureAsync(Stage stage, Plan plan, Report report, CancellationToken cancellation)
    {
        var upstream = await Proxies.UpstreamAsync(stage, h2c: false, report.Note, cancellation);
        stage.Objects.AddRoute("shop", metadata: ("protocol", "http1"));
        stage.Objects.AddPod("shop", upstream.Port);
        for (var n = 1; n < Routes; n++)
            stage.Objects.AddRoute($"shop{n}", "many");
        Contestant[] contestants =
        [
            await stage.InterceptorAsync(One, cancellation, ("Interceptor__Namespaces__0", ClusterObjects.Namespace)),
            await stage.InterceptorAsync(Many, cancellation),
        ];
        await Contest.RunAsync(contestants, plan, report, (who, time) => Wrk.RunAsync(who.Address, Proxies.Host, connections: 64, time));
        report.Ratio(Contest.Throughput, Many, One, new(AtLeast: 0.97));
        report.Ratio(Contest.Cpu, Many, One, Bound.None);
    }
}
