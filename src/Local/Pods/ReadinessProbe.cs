using System.Globalization;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using k8s.Models;

namespace Wakegate.Local.Pods;

/// <summary>Asks a pod once whether it is ready, as its readinessProbe says.</summary>
internal sealed class ReadinessProbe : IDisposable
{
    private static readonly SocketsHttpHandler Http = new() { PooledConnectionLifetime = TimeSpan.Zero, AllowAutoRedirect = false, UseProxy = false };

    private readonly Func<CancellationToken, Task<bool>> ask;
    private readonly IDisposable? held;
    private readonly TimeSpan timeout;
    private readonly TimeProvider clock;

    private ReadinessProbe(Func<CancellationToken, Task<bool>> ask, TimeSpan timeout, TimeProvider clock, IDisposable? held = null) =>
        (this.ask, this.timeout, this.clock, this.held) = (ask, timeout, clock, held);

    /// <summary>The pod's probe; null where it has none that we know, and so is ready as soon as it runs.</summary>
    public static ReadinessProbe? Of(V1Container container, PodPlace place, TimeProvider clock)
    {
        var probe = container.ReadinessProbe;
        var limit = TimeSpan.FromSeconds(probe?.TimeoutSeconds ?? 1);
        return probe switch
        {
            { HttpGet: { } get } => new(cancellation => GetAsync(Uri(get, container, place), get.HttpHeaders, cancellation), limit, clock),
            { TcpSocket: { } tcp } => new(cancellation => ConnectAsync(place, Port(tcp.Port, container, place), cancellation), limit, clock),
            { Grpc: { } grpc } => OfGrpc(grpc, place, limit, clock),
            _ => null,
        };
    }

    /// <summary>Whether it succeeded, within the probe's time-out.</summary>
    public async Task<bool> SucceedsAsync(CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        try
        {
            return await ask(either.Token);
        }
        catch (Exception failure) when (failure is HttpRequestException or SocketException or RpcException or IOException)
        {
            return false;
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    public void Dispose() => held?.Dispose();

    private static async Task<bool> GetAsync(Uri uri, IList<V1HTTPHeader>? headers, CancellationToken cancellation)
    {
        using var client = new HttpClient(Http, disposeHandler: false);
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.UserAgent.ParseAdd("kube-probe/1.32");
        foreach (var header in headers ?? [])
            request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        return (int)response.StatusCode is >= 200 and < 400;
    }

    private static async Task<bool> ConnectAsync(PodPlace place, int port, CancellationToken cancellation)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(place.Address, port, cancellation);
        return true;
    }

    private static ReadinessProbe OfGrpc(V1GRPCAction grpc, PodPlace place, TimeSpan limit, TimeProvider clock)
    {
        var channel = GrpcChannel.ForAddress($"http://{place.Address}:{(place.Shared ? place.Port : grpc.Port)}");
        var health = new Health.HealthClient(channel);
        var request = new HealthCheckRequest { Service = grpc.Service ?? "" };
        return new(
            async cancellation =>
            {
                var answer = await health.CheckAsync(request, cancellationToken: cancellation);
                return answer.Status == HealthCheckResponse.Types.ServingStatus.Serving;
            },
            limit,
            clock,
            channel);
    }

    private static Uri Uri(V1HTTPGetAction get, V1Container container, PodPlace place)
    {
        var path = get.Path is ['/', ..] ? get.Path : $"/{get.Path}";
        return new($"{(get.Scheme ?? "HTTP").ToLowerInvariant()}://{place.Address}:{Port(get.Port, container, place)}{path}");
    }

    /// <summary>A port by number or by name. Where the address is shared a pod has one port only.</summary>
    private static int Port(IntOrString port, V1Container container, PodPlace place) =>
        place.Shared ? place.Port
        : int.TryParse((string)port, CultureInfo.InvariantCulture, out var number) ? number
        : container.Ports?.FirstOrDefault(named => named.Name == (string)port)?.ContainerPort ?? place.Port;
}
