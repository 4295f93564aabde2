using System.Globalization;
using System.Net;
using System.Net.Sockets;
using k8s;
using Wakegate.Local.Api;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

/// <summary>The interceptor as a process of its own, which listeners of this one do not see, and a Kubernetes API for it.</summary>
internal sealed class InterceptorProcess : IAsyncDisposable
{
    private readonly InMemoryApi api;
    private readonly ServiceProcess process;
    private readonly int port;
    private readonly HttpClient admin;

    private InterceptorProcess(InMemoryApi api, ServiceProcess process, int port, int adminPort)
    {
        this.api = api;
        this.process = process;
        this.port = port;
        admin = new() { BaseAddress = new($"http://127.0.0.1:{adminPort.ToString(CultureInfo.InvariantCulture)}") };
        Kubernetes = api.CreateClient();
        Client = new(new SocketsHttpHandler { UseProxy = false, ActivityHeadersPropagator = null, ConnectCallback = ConnectAsync });
    }

    public IKubernetes Kubernetes { get; }

    /// <summary>Sends to the interceptor whatever host a request names.</summary>
    public HttpMessageInvoker Client { get; }

    /// <summary>What it has written.</summary>
    public IEnumerable<string> Lines => process.Lines;

    public static Task<InterceptorProcess> StartAsync(params string[] settings) => StartInAsync(new Dictionary<string, string>(StringComparer.Ordinal), settings);

    /// <summary>With the shop's ScaledObject, and these variables in its environment.</summary>
    public static Task<InterceptorProcess> StartInAsync(IReadOnlyDictionary<string, string> environment, params string[] settings) =>
        StartInAsync(environment, unread: false, settings);

    /// <summary>The same, where nobody may read what it writes.</summary>
    public static async Task<InterceptorProcess> StartInAsync(IReadOnlyDictionary<string, string> environment, bool unread, params string[] settings)
    {
        var kubernetes = await InMemoryApi.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), TimeProvider.System);
        var (traffic, administration) = (FreePort.Find(), FreePort.Find());
        var service = ServiceProcess.Start("Wakegate.Interceptor", environment,
        [
            "--Listen:Address=127.0.0.1", $"--Listen:Port={traffic.ToString(CultureInfo.InvariantCulture)}",
            $"--Listen:AdminPort={administration.ToString(CultureInfo.InvariantCulture)}", "--Redis:ConnectionString=127.0.0.1:1",
            $"--Kubernetes:ServerAddress={kubernetes.Address}", .. settings,
        ], unread);
        var started = new InterceptorProcess(kubernetes, service, traffic, administration);
        await started.Kubernetes.ApplyAsync(Trigger.Shop());
        await Eventually.TrueAsync(started.IsReadyAsync);
        return started;
    }

    /// <summary>Waits until this many requests are held for a first pod.</summary>
    public Task HeldAsync(int count) => HasAsync($"state=\"waking\"}} {count.ToString(CultureInfo.InvariantCulture)}");

    /// <summary>Makes pods ready, and waits until the interceptor has heard that its routes have some, or none.</summary>
    public async Task ReadyAsync(params IPEndPoint[] pods)
    {
        await Kubernetes.ApplySliceAsync("shop", pods);
        await Eventually.TrueAsync(async () =>
        {
            // A page without any says nothing.
            var page = await ScrapeAsync();
            return page.Contains("wakegate_interceptor_routes{", StringComparison.Ordinal)
                && page.Contains("wakegate_interceptor_routes{state=\"ready\"} 0", StringComparison.Ordinal) == (pods.Length == 0);
        });
    }

    /// <summary>Waits until what Prometheus gets has a line with this.</summary>
    public Task HasAsync(string text) => Eventually.TrueAsync(async () => (await ScrapeAsync()).Contains(text, StringComparison.Ordinal), text);

    /// <summary>What Prometheus gets.</summary>
    public async Task<string> ScrapeAsync(string format = "text/plain")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.TryAddWithoutValidation("Accept", format);
        using var response = await admin.SendAsync(request, TestContext.Current.CancellationToken);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        admin.Dispose();
        Kubernetes.Dispose();
        await process.DisposeAsync();
        await api.DisposeAsync();
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var ready = await admin.GetAsync(new Uri("/readyz", UriKind.Relative), TestContext.Current.CancellationToken);
            return ready.IsSuccessStatusCode && (await ScrapeAsync()).Contains("route=\"shop\"", StringComparison.Ordinal);
        }
        catch (HttpRequestException unready)
        {
            return process.HasExited ? throw new InvalidOperationException($"It ended: {string.Join('\n', Lines)}", unready) : false;
        }
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
