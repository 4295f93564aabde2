using Grpc.Core;
using Wakegate.Contracts.Ledger;
using Wakegate.ExternalScaler.Protocol;
using Wakegate.ExternalScaler.Pushing;

namespace Wakegate.ExternalScaler.Answering;

/// <summary>
/// KEDA's side of the scaler. KEDA sets no deadlines and holds a lock while it waits, so every answer comes from memory. A call that fails
/// keeps replicas as they are, and its text is what users see in the ScaledObject's events.
/// </summary>
internal sealed class ScalerService(LedgerReader ledger, RouteMetrics metrics, PolledRoutes polled, ActivityPush push, IHostApplicationLifetime lifetime)
    : Protocol.ExternalScaler.ExternalScalerBase
{
    /// <summary>True on any evidence; false only where the ledger's silence can be trusted, and goes far enough.</summary>
    public override Task<IsActiveResponse> IsActive(ScaledObjectRef request, ServerCallContext context)
    {
        var route = Accepted(request);
        polled.Note(route.Id);
        var window = route.Scaling.ActivityWindow;
        var active = ledger.Find(route.Id).IsActive(window) || !Trusted(() => ledger.Find(route.Id).IsIdle(window));
        return Task.FromResult(new IsActiveResponse { Result = active });
    }

    /// <summary>Tells when a route is active, and never that it is not: until KEDA 2.17 that would scale to zero past other triggers.</summary>
    public override async Task StreamIsActive(ScaledObjectRef request, IServerStreamWriter<IsActiveResponse> responseStream, ServerCallContext context)
    {
        using var stop = UntilStopped(context);

        // The first true may be long in coming: the headers tell at once that the stream has been taken.
        await push.RunAsync(ScaledRoute.Of(request), responseStream, taken: () => context.WriteResponseHeadersAsync([]), stop.Token);
    }

    /// <summary>Cannot fail: what the metadata gets wrong has its default.</summary>
    public override Task<GetMetricSpecResponse> GetMetricSpec(ScaledObjectRef request, ServerCallContext context) =>
        Task.FromResult(RouteMetrics.Specs(ScaledRoute.Of(request).Scaling));

    public override Task<GetMetricsResponse> GetMetrics(GetMetricsRequest request, ServerCallContext context)
    {
        var route = Accepted(request.ScaledObjectRef ?? new());
        if (!RouteMetrics.Knows(request.MetricName))
            throw UnknownMetric(request.MetricName);

        polled.Note(route.Id);
        var value = Trusted(() => metrics.Value(request.MetricName, ledger.Find(route.Id), route.Scaling));

        // KEDA sums all values it gets, so there is one.
        var metric = new MetricValue { MetricName = request.MetricName, MetricValue_ = (long)Math.Ceiling(value), MetricValueFloat = value };
        return Task.FromResult(new GetMetricsResponse { MetricValues = { metric } });
    }

    /// <summary>KEDA opens it next to StreamIsActive, from 2.21 on. A spec follows from the metadata alone, so there is one to send.</summary>
    public override async Task StreamMetricSpec(ScaledObjectRef request, IServerStreamWriter<GetMetricSpecResponse> responseStream, ServerCallContext context)
    {
        using var stop = UntilStopped(context);
        await responseStream.WriteAsync(RouteMetrics.Specs(ScaledRoute.Of(request).Scaling), stop.Token);
        await stop.Token.Reached();
    }

    // An open stream would keep the server from stopping, and an error would make KEDA back off: it ends with OK.
    private CancellationTokenSource UntilStopped(ServerCallContext context) =>
        CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);

    private static ScaledRoute Accepted(ScaledObjectRef scaledObject)
    {
        var route = ScaledRoute.Of(scaledObject);
        return route.Refusals.Count == 0
            ? route
            : throw new RpcException(new(StatusCode.InvalidArgument, string.Join(' ', route.Refusals)));
    }

    // Trust is asked before and after: a full read that comes between could otherwise lend its trust to what was there before it, or
    // take away what was trusted.
    private T Trusted<T>(Func<T> read)
    {
        ThrowUnlessTrusted();
        var value = read();
        ThrowUnlessTrusted();
        return value;
    }

    private void ThrowUnlessTrusted()
    {
        if (ledger.Trust is { Trusted: false } doubt)
            throw new RpcException(new(StatusCode.Unavailable, $"The pending requests are not known, so nothing is scaled down. {doubt}"));
    }

    private static RpcException UnknownMetric(string name) => new(new(
        StatusCode.InvalidArgument, $"metricName \"{name}\" is none of ours: ask for {RouteMetrics.PendingRequests} or {RouteMetrics.RequestRate}."));
}
