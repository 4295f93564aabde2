using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Wakegate.Interceptor.Forwarding;
using Wakegate.Interceptor.Watching;

namespace Wakegate.Interceptor.Waking;

/// <summary>
/// A pod's own readinessProbe, asked as the kubelet asks it: HTTP 200 to 399 without following redirects or checking certificates, a TCP
/// connection, or gRPC health.
/// </summary>
internal sealed class PodProbe : IDisposable
{
    private readonly Func<CancellationToken, Task<bool>> ask;
    private readonly IDisposable? connection;
    private readonly TimeSpan timeout;

    private PodProbe(Func<CancellationToken, Task<bool>> ask, TimeSpan timeout, IDisposable? connection = null)
    {
        this.ask = ask;
        this.timeout = timeout;
        this.connection = connection;
    }

    /// <summary>
    /// The probe that says when the pod takes requests. Null where it cannot say: there is none, or the kubelet alone can run it (exec, another
    /// host), or other conditions count too (several containers with probes, sidecars among them, a startupProbe, readiness gates). Of containers
    /// without a probe the pod's status says whether they are ready (<see cref="PodObject.OthersAreReady"/>).
    /// </summary>
    public static PodProbe? Of(PodObject pod, IPAddress address)
    {
        if (pod.Spec.ReadinessGates is { Length: > 0 }
            || pod.Spec.Sidecars.Any(c => c.StartupProbe is not null || c.ReadinessProbe is not null)
            || Array.Exists(pod.Spec.Containers, c => c.StartupProbe is not null)
            || Array.FindAll(pod.Spec.Containers, c => c.ReadinessProbe is not null) is not [{ ReadinessProbe: { } probe } container])
        {
            return null;
        }

        var limit = TimeSpan.FromSeconds(Math.Max(1, probe.TimeoutSeconds ?? 1));
        return probe switch
        {
            { HttpGet: { Host: null or "" } get } when Port(container, get.Port) is { } port => OfHttp(get, new(address, port), limit),
            { TcpSocket: { Host: null or "" } tcp } when Port(container, tcp.Port) is { } port =>
                new(stop => ConnectAsync(new(address, port), stop), limit),
            { Grpc: { } grpc } => OfGrpc(grpc, new(address, grpc.Port), limit),
            _ => null,
        };
    }

    /// <summary>Whether it succeeds, once, within its time-out.</summary>
    public async Task<bool> SucceedsAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            return await ask(either.Token);
        }
        catch (Exception failed) when (failed is HttpRequestException or SocketException or RpcException or IOException or OperationCanceledException)
        {
            return false;
        }
        finally
        {
            // What follows from an answer takes the cluster's lock, for which no socket's thread may wait.
            await Task.Yield();
        }
    }

    public void Dispose() => connection?.Dispose();

    private static PodProbe OfHttp(HttpGetAction get, IPEndPoint endpoint, TimeSpan limit)
    {
        var https = string.Equals(get.Scheme, "HTTPS", StringComparison.OrdinalIgnoreCase);
        var uri = new Uri($"{(https ? "https" : "http")}://{endpoint}{(get.Path is ['/', ..] ? get.Path : $"/{get.Path}")}");
        var client = new HttpMessageInvoker(CreateHandler());
        return new(AskAsync, limit, client);

        async Task<bool> AskAsync(CancellationToken cancellationToken)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, uri);
            request.Headers.ConnectionClose = true;
            foreach (var header in get.HttpHeaders ?? [])
            {
                request.Headers.TryAddWithoutValidation(header.Name, header.Value);
            }

            using var response = await client.SendAsync(request, cancellationToken);
            return (int)response.StatusCode is >= 200 and < 400;
        }
    }

    private static SocketsHttpHandler CreateHandler() => new()
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        ActivityHeadersPropagator = null,
        SslOptions = { RemoteCertificateValidationCallback = PodCertificate.Accept, CertificateChainPolicy = PodCertificate.Policy },
    };

    private static async Task<bool> ConnectAsync(IPEndPoint endpoint, CancellationToken cancellationToken)
    {
        using var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(endpoint, cancellationToken);
        return true;
    }

    private static PodProbe OfGrpc(GrpcAction grpc, IPEndPoint endpoint, TimeSpan limit)
    {
        // Its own back-off would make it miss the moment: each question dials anew.
        return new(AskAsync, limit);

        async Task<bool> AskAsync(CancellationToken cancellationToken)
        {
            using var channel = GrpcChannel.ForAddress($"http://{endpoint}");
            var answer = await new Health.HealthClient(channel).CheckAsync(
                new HealthCheckRequest { Service = grpc.Service ?? "" }, cancellationToken: cancellationToken);
            return answer.Status == HealthCheckResponse.Types.ServingStatus.Serving;
        }
    }

    private static int? Port(Container container, string? port) =>
        int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : Array.Find(container.Ports ?? [], p => p.Name == port)?.Number;
}
