using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Wakegate.ExternalScaler.Answering;

/// <summary>Counts, times and traces calls, whatever comes of them.</summary>
internal sealed class ObservingInterceptor(ScalerMetrics metrics, TimeProvider clock) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        using var span = ScalerSpans.Call(context);
        var began = clock.GetTimestamp();
        var code = StatusCode.Unknown;
        try
        {
            var response = await continuation(request, context);
            code = StatusCode.OK;
            return response;
        }
        catch (RpcException refused)
        {
            code = refused.StatusCode;
            throw;
        }
        finally
        {
            ScalerSpans.End(span, code);
            metrics.Called(Method(context), code, clock.GetElapsedTime(began));
        }
    }

    /// <summary>A stream lasts for hours, so that what is told on it is traced instead.</summary>
    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        var method = Method(context);
        metrics.StreamOpened(method);
        try
        {
            await continuation(request, responseStream, context);
        }
        finally
        {
            metrics.StreamClosed(method, context.CancellationToken.IsCancellationRequested ? StatusCode.Cancelled : StatusCode.OK);
        }
    }

    private static string Method(ServerCallContext context) => context.Method[(context.Method.LastIndexOf('/') + 1)..];
}
