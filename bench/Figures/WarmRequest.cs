using BenchmarkDotNet.Attributes;
using Wakegate.Bench.Load;
using Wakegate.Bench.Roles;
using Wakegate.Bench.Running;
using Wakegate.Contracts.Triggers;
using Wakegate.Interceptor;
using Wakegate.Interceptor.Routing;
using Wakegate.Local.Api;
using Yarp.ReverseProxy.Forwarder;

namespace Wakegate.Bench.Figures;

/// <summary>
/// One warm request, as BenchmarkDotNet measures it: the server runs in the benchmark's own process, so that what that allocates is the server's.
/// The upstream is a process of its own, and the client allocates nothing.
/// </summary>
public class WarmRequest : IAsyncDisposable
{
    private Stage stage = null!;
    private WebApplication app = null!;
    private WarmConnection client = null!;

    /// <summary>Which server.</summary>
    [Params(Contestant.YarpWithoutHeaders, Contestant.Yarp, Contestant.Wakegate)]
    public string Server { get; set; } = "";

    /// <summary>Starts the server with all that it needs.</summary>
    [GlobalSetup]
    public async Task StartAsync()
    {
        stage = await Stage.StartAsync(CancellationToken.None);
        var upstream = await Proxies.UpstreamAsync(stage, h2c: false, note: static _ => { }, CancellationToken.None);
        var port = FreePort.Find();
        app = Server == Contestant.Wakegate
            ? BuildInterceptor(port, upstream.Port)
            : BuildForwarder(port, upstream.Port, Server == Contestant.Yarp ? new ForwardedTransformer() : HttpTransformer.Default);
        await app.StartAsync(CancellationToken.None);
        if (app.Services.GetService<RouteTable>() is { } routes)
            await Wait.UntilAsync(() => ValueTask.FromResult(routes.Complete), "routes", CancellationToken.None);
        client = new WarmConnection(port, Proxies.Host, blocking: true);
    }

    /// <summary>Ends it all.</summary>
    [GlobalCleanup]
    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await app.StopAsync(CancellationToken.None);
        await app.DisposeAsync();
        await stage.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>The request.</summary>
    [Benchmark]
    public void Ask()
    {
        client.Send();
        while (!client.TryTakeAnswer())
        {
            // The rest is on its way.
        }
    }

    private static WebApplication BuildForwarder(int port, int upstream, HttpTransformer transformer)
    {
        var builder = BareServer.CreateBuilder(Listen(port));
        Quiet(builder);
        builder.Services.AddHttpForwarder();
        var server = builder.Build();
        server.Run(BareForwarder.Handler(server.Services.GetRequiredService<IHttpForwarder>(), $"http://127.0.0.1:{upstream}", UpstreamProtocol.Http1, transformer));
        return server;
    }

    private static string[] Listen(int port) =>
        ["--Listen:Address=127.0.0.1", $"--Listen:Port={port}", "--Listen:AdminPort=0", "--Logging:LogLevel:Default=Warning"];

    private static void Quiet(WebApplicationBuilder builder) => builder.Services.AddSingleton<IHostLifetime, NoSignals>();

    private WebApplication BuildInterceptor(int port, int upstream)
    {
        stage.Objects.AddRoute("shop", metadata: ("protocol", "http1"));
        stage.Objects.AddPod("shop", upstream);
        return InterceptorHost.Build(
            [.. Listen(port), $"--Redis:ConnectionString={stage.Redis}", $"--Kubernetes:ServerAddress={stage.Api.Address}", "--Interceptor:DrainDelay=0"], Quiet);
    }
}
