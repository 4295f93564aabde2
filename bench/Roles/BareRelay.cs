using System.Collections.Concurrent;
using System.Threading.Channels;
using Grpc.Core;
using StackExchange.Redis;
using Wakegate.Local.Keda.Protocol;

namespace Wakegate.Bench.Roles;

/// <summary>What the way from an edge to KEDA costs at least: a PUBLISH that names a stream, passed to that gRPC stream. Setting <c>Redis</c>.</summary>
internal sealed class BareRelay(ConcurrentDictionary<string, Channel<bool>> streams) : Wakegate.Local.Keda.Protocol.ExternalScaler.ExternalScalerBase
{
    public const string Role = "bare-relay";

    /// <summary>What is published to.</summary>
    public static RedisChannel Edges { get; } = RedisChannel.Literal("edges");

    public static WebApplication Build(string[] settings)
    {
        var streams = new ConcurrentDictionary<string, Channel<bool>>(StringComparer.Ordinal);
        var builder = BareServer.CreateBuilder(settings);
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(streams);
        var app = builder.Build();
        app.MapGrpcService<BareRelay>();
        app.Lifetime.ApplicationStarted.Register(() => Subscribe(app.Configuration["Redis"]!, streams));
        return app;
    }

    public override async Task StreamIsActive(ScaledObjectRef request, IServerStreamWriter<IsActiveResponse> responseStream, ServerCallContext context)
    {
        var edges = streams.GetOrAdd(request.Name, _ => Channel.CreateUnbounded<bool>());
        await context.WriteResponseHeadersAsync([]);
        await foreach (var edge in edges.Reader.ReadAllAsync(context.CancellationToken))
            await responseStream.WriteAsync(new IsActiveResponse { Result = edge }, context.CancellationToken);
    }

    private static void Subscribe(string redis, ConcurrentDictionary<string, Channel<bool>> streams)
    {
        var connection = ConnectionMultiplexer.Connect(redis);
        connection.GetSubscriber().Subscribe(Edges, (_, name) =>
        {
            if (streams.TryGetValue(name.ToString(), out var stream))
                stream.Writer.TryWrite(true);
        });
    }
}
