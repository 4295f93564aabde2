using System.Net;
using Wakegate.Bench.Load;
using Wakegate.Bench.Results;
using Wakegate.Bench.Roles;
using Wakegate.Bench.Running;
using Wakegate.Interceptor;
using Wakegate.Local.Api;
using Yarp.ReverseProxy.Forwarder;

namespace Wakegate.Bench.Figures;

/// <summary>
/// The servers run in this very process, one after the other, and the load comes from outside: what the process allocates while exactly so many
/// requests pass is theirs.
/// </summary>
internal sealed class AllocationFigure : IFigure
{
    private const int Requests = 50_000;
    private const string Metric = "allocated";
    private const string WithHeaders = "bare YARP with X-Forwarded headers";

    public string Name => "allocations";

    public string Title => "Bytes allocated by a warm request, HTTP/1.1";

    public async Task MeasureAsync(Stage stage, Plan plan, Report report, CancellationToken cancellation)
    {
        var upstream = await Proxies.UpstreamAsync(stage, h2c: false, report.Note, cancellation);
        stage.Objects.AddRoute("shop", metadata: ("protocol", "http1"));
        stage.Objects.AddPod("shop", upstream.Port);
        var (bare, withHeaders, ours) = (FreePort.Find(), FreePort.Find(), FreePort.Find());
        await using var yarp = Forwarder(bare, upstream.Port, HttpTransformer.Default);
        await using var yarpWithHeaders = Forwarder(withHeaders, upstream.Port, new ForwardedTransformer());
        await using var interceptor = InterceptorHost.Build(
            [.. Listen(ours), $"--Redis:ConnectionString={stage.Redis}", $"--Kubernetes:ServerAddress={stage.Api.Address}", "--Interceptor:DrainDelay=0"], Quiet);
        WebApplication[] apps = [yarp, yarpWithHeaders, interceptor];
        foreach (var app in apps)
            await app.StartAsync(cancellation);
        await Wait.UntilAsync(() => ValueTask.FromResult(interceptor.Services.GetRequiredService<Interceptor.Routing.RouteTable>().Complete), "routes", cancellation);

        // The first round warms up.
        for (var round = 0; round <= plan.Rounds; round++)
        {
            foreach (var (name, port) in new[] { (Contestant.Yarp, bare), (WithHeaders, withHeaders), (Contestant.Wakegate, ours) })
            {
                var bytes = await AllocatedAsync(new Uri($"http://127.0.0.1:{port}"));
                if (round > 0)
                    report.Add(Metric, "bytes a request", name, bytes);
            }
        }

        foreach (var app in apps)
            await app.StopAsync(cancellation);

        report.Judge("bytes over bare YARP with X-Forwarded headers", report.Median(Metric, Contestant.Wakegate) - report.Median(Metric, WithHeaders), new(AtMost: 0));
        report.Judge("bytes over bare YARP", report.Median(Metric, Contestant.Wakegate) - report.Median(Metric, Contestant.Yarp), Bound.None);
        report.Note($"{Requests} requests a turn over 8 connections. The baseline awaits IHttpForwarder.SendAsync once, and sets the same three headers, each a value of its own to allocate.");
    }

    private static async Task<double> AllocatedAsync(Uri target)
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await H2Load.RunAsync(target, Proxies.Host, H2Load.Http1, $"-n{Requests}", "-c8", "-t1", "-m1");
        return (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Requests;
    }

    private static WebApplication Forwarder(int port, int upstream, HttpTransformer transformer)
    {
        var builder = BareServer.CreateBuilder(Listen(port));
        Quiet(builder);
        builder.Services.AddHttpForwarder();
        var app = builder.Build();
        var request = new ForwarderRequestConfig { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        app.Run(BareForwarder.Handler(app.Services.GetRequiredService<IHttpForwarder>(), $"http://127.0.0.1:{upstream}", request, transformer));
        return app;
    }

    private static string[] Listen(int port) =>
        ["--Listen:Address=127.0.0.1", $"--Listen:Port={port}", "--Listen:AdminPort=0", "--Logging:LogLevel:Default=Warning"];

    private static void Quiet(WebApplicationBuilder builder) => builder.Services.AddSingleton<IHostLifetime, NoSignals>();

    private sealed class ForwardedTransformer : HttpTransformer
    {
        public override async ValueTask TransformRequestAsync(
            HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
            proxyRequest.Headers.TryAddWithoutValidation("X-Forwarded-For", httpContext.Connection.RemoteIpAddress!.ToString());
            proxyRequest.Headers.TryAddWithoutValidation("X-Forwarded-Proto", httpContext.Request.Scheme);
            proxyRequest.Headers.TryAddWithoutValidation("X-Forwarded-Host", httpContext.Request.Host.Value);
        }
    }
}
