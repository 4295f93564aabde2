using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using Wakegate.Interceptor.Draining;
using Wakegate.Interceptor.Holding;
using Wakegate.Interceptor.Routing;
using Wakegate.Interceptor.Watching;
using Wakegate.Local.Api;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

/// <summary>The real interceptor on real sockets, with a clock that stands still and a Kubernetes API of its own. Redis is away.</summary>
internal sealed class InterceptorApp : IAsyncDisposable
{
    private readonly WebApplication app;

    private InterceptorApp(WebApplication app, InMemoryApi api, FakeTimeProvider clock)
    {
        this.app = app;
        Api = api;
        Clock = clock;
        Kubernetes = api.CreateClient();
        Client = CreateClient(HttpVersion.Version11);
    }

    public InMemoryApi Api { get; }

    public IKubernetes Kubernetes { get; }

    public FakeTimeProvider Clock { get; }

    /// <summary>Sends to the interceptor whatever host a request names, over HTTP/1.1.</summary>
    public HttpMessageInvoker Client { get; }

    public IPEndPoint Traffic => Address(1);

    public IPEndPoint Admin => Address(2);

    public RouteTable Routes => app.Services.GetRequiredService<RouteTable>();

    public HoldBudget Budget => app.Services.GetRequiredService<HoldBudget>();

    public IServiceProvider Services => app.Services;

    public Drain Drain => app.Services.GetRequiredService<Drain>();

    public Task Stopped => app.WaitForShutdownAsync(CancellationToken.None);

    /// <summary>Starts it with ScaledObjects and their Services in namespace <c>store</c>.</summary>
    public static Task<InterceptorApp> StartAsync(params Trigger[] triggers) => StartAsync([], triggers);

    public static async Task<InterceptorApp> StartAsync(string[] settings, params Trigger[] triggers)
    {
        // Tests stop it and start it again: on a port that the system gives to nobody else meanwhile.
        var api = await InMemoryApi.StartAsync(new IPEndPoint(IPAddress.Loopback, FreePort.Find()), TimeProvider.System);
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        string[] args =
        [
            "--Listen:Address=127.0.0.1", "--Listen:Port=0", "--Listen:AdminPort=0", "--Redis:ConnectionString=127.0.0.1:1",
            $"--Kubernetes:ServerAddress={api.Address}", "--Hold:FailFastAfter=0", .. settings,
        ];
        var host = InterceptorHost.Build(args, builder =>
        {
            builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock));
            builder.Services.AddSingleton<IHostLifetime, QuietLifetime>();
        });
        await host.StartAsync();
        var started = new InterceptorApp(host, api, clock);
        foreach (var trigger in triggers)
        {
            await started.Kubernetes.ApplyAsync(trigger);
        }

        await Eventually.TrueAsync(() => started.Routes.Complete && triggers.All(t => started.Find(t.FirstHost, t.FirstPath) is not null));
        await Eventually.TrueAsync(() =>
        {
            // Routes are found before they are bound, and a Service may be heard of after them.
            Array.ForEach(triggers, t => started.TakenOver(started.Find(t.FirstHost, t.FirstPath)!));
            return host.Services.GetRequiredService<ScaledObjectEvents>().Lasting().All(p => p.Reason != "NoDestination");
        });
        return started;
    }

    /// <summary>Returns once what a watch brings is in force in all its parts: until then, who takes it over has the cluster's lock.</summary>
    public void TakenOver(Route route) => _ = Services.GetRequiredService<Cluster>().PodsOf(route);

    /// <summary>What it measures from now on.</summary>
    public HostMetrics Measure() => new(app.Services.GetRequiredService<IMeterFactory>());

    public Route? Find(string host, string path = "/") =>
        Routes.Find(host, path, new Microsoft.AspNetCore.Http.HeaderDictionary());

    public Route Route(string host = "shop.test") => Find(host) ?? throw new InvalidOperationException($"No route for {host}.");

    /// <summary>Waits until this many requests are held, and the queue has counted them and set its timer for them.</summary>
    public Task HeldAsync(int count, string host = "shop.test") => Eventually.TrueAsync(() =>
    {
        var queue = Route(host).Queue;
        if (queue.Count != count)
        {
            return false;
        }

        // This is read under the queue's lock, which whoever enters or leaves has until the counts and the timer are set.
        _ = queue.Waking;
        return queue.Count == count;
    });

    /// <summary>Waits until this many requests are pending.</summary>
    public Task PendingAsync(int count, string host = "shop.test") => Eventually.TrueAsync(() => Route(host).Counts.Pending == count);

    /// <summary>Makes pods ready, and waits until the interceptor has heard of it.</summary>
    public async Task ReadyAsync(params IPEndPoint[] pods)
    {
        await Kubernetes.ApplySliceAsync("shop", pods);
        await Eventually.TrueAsync(() => Route().Pods.All.Select(p => p.Address.EndPoint).Order(ByPort).SequenceEqual(pods.Order(ByPort)));
        TakenOver(Route());
    }

    public HttpMessageInvoker CreateClient(Version version) => new(new VersionHandler(version, new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        Expect100ContinueTimeout = Timeout.InfiniteTimeSpan,
        ActivityHeadersPropagator = null,
        ConnectCallback = async (_, cancellationToken) => await ConnectAsync(cancellationToken),
    }));

    /// <summary>A connection on which a test writes bytes of its own.</summary>
    public async Task<NetworkStream> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(Traffic, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.StopAsync(new CancellationTokenSource(TimeSpan.FromSeconds(2)).Token);
        await app.DisposeAsync();
        Kubernetes.Dispose();
        await Api.DisposeAsync();
    }

    private static readonly IComparer<IPEndPoint> ByPort = Comparer<IPEndPoint>.Create((a, b) => a.Port.CompareTo(b.Port));

    private IPEndPoint Address(int index)
    {
        var addresses = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses;
        var uri = new Uri(addresses.ElementAt(index));
        return new IPEndPoint(IPAddress.Parse(uri.Host), uri.Port);
    }

    private sealed class VersionHandler(Version version, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Version = version;
            request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
            return base.SendAsync(request, cancellationToken);
        }
    }

    /// <summary>Signals of the test process are not the interceptor's.</summary>
    private sealed class QuietLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
