using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Wakegate.Interceptor;
using Wakegate.Interceptor.Watching;
using Wakegate.Local.Api;
using Wakegate.Testing;

namespace Wakegate.EndToEnd.Tests.Live;

/// <summary>An interceptor with as many routes as a test wants, a tenth of them with a pod. Nothing scales them, and Redis is away.</summary>
internal sealed class PageHost : IAsyncDisposable
{
    private const string Namespace = "store";

    private readonly InMemoryApi api;
    private readonly IKubernetes kubernetes;
    private readonly WebApplication pod;
    private readonly WebApplication interceptor;

    private PageHost(InMemoryApi api, WebApplication pod, WebApplication interceptor) =>
        (this.api, this.pod, this.interceptor, kubernetes) = (api, pod, interceptor, api.CreateClient());

    /// <summary>The page.</summary>
    public Uri Address => new(Addresses(interceptor).ElementAt(2));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<PageHost> StartAsync(int routes)
    {
        var cluster = await InMemoryApi.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), TimeProvider.System, Stop);
        var host = InterceptorHost.Build(
            [
                "--Listen:Address=127.0.0.1", "--Listen:Port=0", "--Listen:AdminPort=0", "--Redis:ConnectionString=127.0.0.1:1",
                $"--Kubernetes:ServerAddress={cluster.Address}", "--Hold:FailFastAfter=0",
            ],
            builder =>
            {
                builder.Services.AddSingleton<IHostLifetime, QuietLifetime>();
                builder.Logging.ClearProviders();
            });
        var started = new PageHost(cluster, StartPod(), host);
        await started.FillAsync(routes);
        await host.StartAsync(Stop);
        await Eventually.TrueAsync(() => host.Services.GetRequiredService<RouteFactory>().All.Count() == routes);
        return started;
    }

    /// <summary>Which route has this number; those whose number is divisible by ten have a pod.</summary>
    public static string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"{Namespace}/{Name(number)}/{Name(number)}");

    /// <summary>Sends bytes that no well-behaved client would send, to a route.</summary>
    public async Task SendAsync(int number, string target, params string[] headers)
    {
        var traffic = new Uri(Addresses(interceptor).ElementAt(1));
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(traffic.Host, traffic.Port, Stop);
        await using var stream = new NetworkStream(socket);
        var head = $"GET {target} HTTP/1.1\r\nHost: {Name(number)}.test\r\nConnection: close\r\n{string.Concat(headers.Select(h => $"{h}\r\n"))}\r\n";
        await stream.WriteAsync(Encoding.Latin1.GetBytes(head), Stop);
        await new StreamReader(stream).ReadToEndAsync(Stop);
    }

    /// <summary>The pods of what sleeps come.</summary>
    public Task WakeAsync() => CreateSliceAsync("asleep");

    public async ValueTask DisposeAsync()
    {
        await interceptor.StopAsync(new CancellationTokenSource(TimeSpan.FromSeconds(2)).Token);
        await interceptor.DisposeAsync();
        await pod.DisposeAsync();
        kubernetes.Dispose();
        await api.DisposeAsync();
    }

    private static string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"route-{number:0000}");

    private static ICollection<string> Addresses(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses;

    private static WebApplication StartPod()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(context => context.Response.WriteAsync("hello", context.RequestAborted));
        app.Start();
        return app;
    }

    private async Task FillAsync(int routes)
    {
        foreach (var service in new[] { "awake", "asleep" })
        {
            await kubernetes.CoreV1.CreateNamespacedServiceAsync(
                new() { Metadata = new() { Name = service }, Spec = new() { Ports = [new() { Name = "http", Port = 80 }] } }, Namespace, cancellationToken: Stop);
        }

        await CreateSliceAsync("awake");
        await Parallel.ForEachAsync(
            Enumerable.Range(0, routes), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Stop },
            async (number, _) => await CreateAsync(Name(number), $"{Name(number)}.test", number % 10 == 0 ? "awake" : "asleep"));
    }

    private async Task CreateAsync(string name, string hosts, string service)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["scalerAddress"] = "wakegate-scaler.wakegate:9090",
            ["hosts"] = hosts,
            ["service"] = service,
            ["port"] = "80",
        };
        var body = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["apiVersion"] = "keda.sh/v1alpha1",
            ["kind"] = "ScaledObject",
            ["metadata"] = new Dictionary<string, string>(StringComparer.Ordinal) { ["name"] = name },
            ["spec"] = new { scaleTargetRef = new { name }, triggers = new[] { new { type = "external-push", metadata } } },
        };
        await kubernetes.CustomObjects.CreateNamespacedCustomObjectAsync(body, "keda.sh", "v1alpha1", Namespace, "scaledobjects", cancellationToken: Stop);
    }

    private async Task CreateSliceAsync(string service) => await kubernetes.DiscoveryV1.CreateNamespacedEndpointSliceAsync(
        new()
        {
            Metadata = new() { Name = service, Labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["kubernetes.io/service-name"] = service } },
            AddressType = "IPv4",
            Ports = [new() { Name = "http", Port = new Uri(Addresses(pod).First()).Port }],
            Endpoints =
            [
                new()
                {
                    Addresses = ["127.0.0.1"],
                    Conditions = new() { Ready = true },
                    TargetRef = new() { Kind = "Pod", Name = $"{service}-0", NamespaceProperty = Namespace, Uid = $"uid-{service}" },
                },
            ],
        },
        Namespace,
        cancellationToken: Stop);

    /// <summary>Signals of the test process are not the interceptor's.</summary>
    private sealed class QuietLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
