using Grpc.Core;
using Wakegate.Local.Keda.Protocol;

namespace Wakegate.Local.Tests.Keda;

internal sealed class FakeScalerService(FakeScaler scaler) : Local.Keda.Protocol.ExternalScaler.ExternalScalerBase
{
    public override Task<GetMetricSpecResponse> GetMetricSpec(ScaledObjectRef request, ServerCallContext context)
    {
        scaler.Calls.Enqueue("GetMetricSpec");
        return Task.FromResult(new GetMetricSpecResponse
        {
            MetricSpecs = { new MetricSpec { MetricName = "pending", TargetSize = 100, TargetSizeFloat = 100 } },
        });
    }

    public override async Task<GetMetricsResponse> GetMetrics(GetMetricsRequest request, ServerCallContext context)
    {
        scaler.Calls.Enqueue($"GetMetrics {request.MetricName}");
        await scaler.Stall.WaitAsync(context.CancellationToken);
        ThrowIfFailing();
        return new GetMetricsResponse
        {
            MetricValues = { new MetricValue { MetricName = request.MetricName, MetricValue_ = (long)Math.Ceiling(scaler.Pending), MetricValueFloat = scaler.Pending } },
        };
    }

    public override Task<IsActiveResponse> IsActive(ScaledObjectRef request, ServerCallContext context)
    {
        scaler.Calls.Enqueue("IsActive");
        ThrowIfFailing();
        return Task.FromResult(new IsActiveResponse { Result = scaler.Active });
    }

    public override Task StreamIsActive(ScaledObjectRef request, IServerStreamWriter<IsActiveResponse> responseStream, ServerCallContext context)
    {
        var stream = new FakeStream(request);
        scaler.Streams.Enqueue(stream);
        if (scaler.StreamEnd is { } end)
            stream.End(end);
        return stream.RunAsync(responseStream, context.CancellationToken);
    }

    private void ThrowIfFailing()
    {
        if (scaler.Failure is { } failure)
            throw new RpcException(failure);
    }
}
