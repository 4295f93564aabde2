using Grpc.Core;
using Wakegate.Upstream.Hosting;

namespace Wakegate.Upstream.Greeting;

/// <summary>Greets, once or in a conversation.</summary>
internal sealed class GreeterService(UpstreamOptions options, IHostApplicationLifetime lifetime) : Greeter.GreeterBase
{
    public override Task<HelloReply> SayHello(HelloRequest request, ServerCallContext context) => Task.FromResult(Greet(request));

    public override async Task Chat(
        IAsyncStreamReader<HelloRequest> requestStream, IServerStreamWriter<HelloReply> responseStream, ServerCallContext context)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        try
        {
            await foreach (var request in requestStream.ReadAllAsync(stop.Token))
                await responseStream.WriteAsync(Greet(request), stop.Token);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "The pod is stopping."));
        }
    }

    private HelloReply Greet(HelloRequest request) => new() { Message = $"Hello, {request.Name}", Pod = options.PodName };
}
