using System.Threading.Channels;
using Grpc.Core;
using Grpc.Net.Client;
using StackExchange.Redis;
using Wakegate.Bench.Load;
using Wakegate.Bench.Results;
using Wakegate.Bench.Roles;
using Wakegate.Bench.Running;
using Wakegate.Local.Keda.Protocol;

namespace Wakegate.Bench.Figures;

/// <summary>From a request's arrival at a sleeping workload to the true that KEDA reads.</summary>
internal sealed class EdgeFigure : IFigure
{
    private const int Samples = 300;
    private const string Bare = "bare PUBLISH to gRPC";
    private static readonly TimeProvider Clock = TimeProvider.System;

    public string Name => "edge";

    public string Title => "From a request's arrival to the true on KEDA's stream";

    public async Task MeasureAsync(Stage stage, Plan plan, Report report, CancellationToken cancellation)
    {
        // A route's first request is an edge: each sample has a route of its own. The first round warms up.
        var routes = Enumerable.Range(0, Samples * (plan.Rounds + 1)).Select(n => $"shop{n}").ToList();
        foreach (var route in routes)
            stage.Objects.AddRoute(route);
        var ours = await stage.InterceptorAsync(Contestant.Wakegate, cancellation);
        var scaler = await stage.ScalerAsync(cancellation);
        var relay = await stage.RoleAsync(Bare, BareRelay.Role, cancellation, $"--Redis={stage.Redis}");
        await using var redis = await ConnectionMultiplexer.ConnectAsync(stage.Redis);
        await using var fromScaler = await PushedStreams.OpenAsync(scaler.Address, routes, cancellation);
        await using var fromRelay = await PushedStreams.OpenAsync(relay.Address, routes, cancellation);

        for (var round = 0; round <= plan.Rounds; round++)
        {
            var (bare, pushed) = (new List<double>(), new List<double>());
            foreach (var route in routes.Skip(round * Samples).Take(Samples))
            {
                bare.Add(await TimeAsync(fromRelay, route, () => redis.GetSubscriber().Publish(BareRelay.Edges, route, CommandFlags.FireAndForget)));
                await using var client = await RawRequest.ConnectAsync(ours.Port, cancellation);
                pushed.Add(await TimeAsync(fromScaler, route, () => client.Send($"{route}.test")));
            }

            if (round > 0)
            {
                Add(report, Bare, bare);
                Add(report, Contestant.Wakegate, pushed);
            }
        }

        report.Ratio("p99", Contestant.Wakegate, Bare, new(AtMost: 3));
        report.Ratio("p50", Contestant.Wakegate, Bare, Bound.None);
        report.Note($"{Samples} edges a round, one after the other, on {routes.Count} open streams; the aim for the p99 is 10 ms.");
    }

    internal static void Add(Report report, string contestant, List<double> samples)
    {
        report.Add("p50", "ms", contestant, Statistics.Percentile(samples, 0.5));
        report.Add("p99", "ms", contestant, Statistics.Percentile(samples, 0.99));
    }

    private static async Task<double> TimeAsync(PushedStreams streams, string route, Action begin)
    {
        var started = Clock.GetTimestamp();
        begin();
        return Clock.GetElapsedTime(started, await streams.NextAsync(route)).TotalMilliseconds;
    }
}

/// <summary>KEDA's streams to a scaler, all on one connection, and when each got what.</summary>
internal sealed class PushedStreams : IAsyncDisposable
{
    private readonly GrpcChannel channel;
    private readonly CancellationTokenSource stop = new();
    private readonly Dictionary<string, Channel<long>> arrivals = new(StringComparer.Ordinal);
    private readonly List<Task> readers = [];

    private PushedStreams(Uri scaler) => channel = GrpcChannel.ForAddress(
        scaler, new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = false } });

    public static async Task<PushedStreams> OpenAsync(Uri scaler, IEnumerable<string> routes, CancellationToken cancellation)
    {
        var streams = new PushedStreams(scaler);
        var client = new Local.Keda.Protocol.ExternalScaler.ExternalScalerClient(streams.channel);
        foreach (var some in routes.Chunk(100))
            await Task.WhenAll(some.Select(route => streams.OpenAsync(client, route, cancellation)));
        return streams;
    }

    /// <summary>How many trues have come and were not taken.</summary>
    public int Waiting => arrivals.Values.Sum(a => a.Reader.Count);

    /// <summary>Waits for a route's next true; gives the timestamp at which it came.</summary>
    public async Task<long> NextAsync(string route) => await arrivals[route].Reader.ReadAsync(stop.Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);

    /// <summary>When a route's true came, if one did.</summary>
    public long? Arrival(string route) => arrivals[route].Reader.TryRead(out var at) ? at : null;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(readers);
        channel.Dispose();
        stop.Dispose();
    }

    private async Task OpenAsync(Local.Keda.Protocol.ExternalScaler.ExternalScalerClient client, string route, CancellationToken cancellation)
    {
        var request = new ScaledObjectRef { Name = route, Namespace = ClusterObjects.Namespace };
        var call = client.StreamIsActive(request, cancellationToken: stop.Token);
        await call.ResponseHeadersAsync.WaitAsync(cancellation);
        lock (readers)
        {
            var arrived = arrivals[route] = Channel.CreateUnbounded<long>();
            readers.Add(ReadAsync(call, arrived));
        }
    }

    private async Task ReadAsync(AsyncServerStreamingCall<IsActiveResponse> call, Channel<long> arrived)
    {
        try
        {
            while (await call.ResponseStream.MoveNext(stop.Token))
                arrived.Writer.TryWrite(TimeProvider.System.GetTimestamp());
        }
        catch (RpcException) when (stop.IsCancellationRequested)
        {
            // We have seen enough.
        }
        finally
        {
            call.Dispose();
        }
    }
}
