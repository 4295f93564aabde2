using System.Threading.Channels;
using Grpc.Core;
using Grpc.Net.Client;
using Wakegate.Bench.Running;
using Wakegate.Local.Keda.Protocol;

namespace Wakegate.Bench.Load;

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

    /// <summary>Forgets what has come so far; says how many streams got something.</summary>
    public int Drain() => arrivals.Keys.Count(route => Arrival(route) is not null);

    /// <summary>Waits for a route's next true; gives the timestamp at which it came.</summary>
    public async Task<long> NextAsync(string route) => await arrivals[route].Reader.ReadAsync(stop.Token).AsTask()
        .WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, stop.Token);

    /// <summary>When a route's true came, if one did.</summary>
    public long? Arrival(string route)
    {
        long? first = null;
        while (arrivals[route].Reader.TryRead(out var at))
            first ??= at;
        return first;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(readers);
        channel.Dispose();
        stop.Dispose();
    }

    private async Task OpenAsync(Local.Keda.Protocol.ExternalScaler.ExternalScalerClient client, string route, CancellationToken cancellation)
    {
        var request = new ScaledObjectRef { Name = route, Namespace = ClusterObjects.Namespace, ScalerMetadata = { ["activityWindow"] = "1s" } };
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
