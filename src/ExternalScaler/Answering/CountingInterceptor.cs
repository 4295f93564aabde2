using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Wakegate.ExternalScaler.Answering;

/// <summary>Counts calls, whatever comes of them.</summary>
internal sealed class CountingInterceptor(ScalerMetrics metrics) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            var response = await continuation(request, context);
            metrics.Called(Method(context), StatusCode.OK);
            return response;
        }
        catch (RpcException refused)
        {
            metrics.Called(Method(context), refused.StatusCode);
            throw;
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        metrics.StreamOpened();
        try
        {
            await continuation(request, responseStream, context);
        }
        finally
        {
            metrics.StreamClosed();
            metrics.Called(Method(context), context.CancellationToken.IsCancellationRequested ? StatusCode.Cancelled : StatusCode.OK);
        }
    }

    private static string Method(ServerCallContext context) => context.Method[(context.Method.LastIndexOf('/') + 1)..];
}
