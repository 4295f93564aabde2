using Grpc.Core;
using Wakegate.Local.Keda.Protocol;

namespace Wakegate.Local.Keda;

/// <summary>One trigger of a ScaledObject, asked in KEDA's order: the metric specs, then for each metric its value, then IsActive.</summary>
internal sealed class Trigger(ScaledObjectRef reference, bool pushes, Protocol.ExternalScaler.ExternalScalerClient scaler, Story story)
{
    /// <summary>True for <c>external-push</c>: a stream is open besides the polls.</summary>
    public bool Pushes { get; } = pushes;

    public AsyncServerStreamingCall<IsActiveResponse> OpenStream(CancellationToken cancellation) =>
        scaler.StreamIsActive(reference, cancellationToken: cancellation);

    public async Task<Reading> ReadAsync(CancellationToken cancellation)
    {
        var metrics = new List<MetricReading>();
        var active = false;
        try
        {
            foreach (var spec in await TwiceAsync(() => SpecsAsync(cancellation)))
            {
                var (metric, isActive) = await TwiceAsync(() => MetricAsync(spec, cancellation));
                metrics.Add(metric);
                active |= isActive;
            }

            return new Reading(active, metrics, metrics.Count > 0 ? null : "The scaler names no metric.");
        }
        catch (RpcException failure)
        {
            cancellation.ThrowIfCancellationRequested();
            return new Reading(active, metrics, $"{failure.StatusCode}: {failure.Status.Detail}");
        }
    }

    // KEDA asks again at once, of a scaler it built anew, before it calls a trigger failed.
    private static async Task<T> TwiceAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (RpcException)
        {
            return await ask();
        }
    }

    private async Task<IEnumerable<MetricSpec>> SpecsAsync(CancellationToken cancellation)
    {
        try
        {
            var response = await scaler.GetMetricSpecAsync(reference, cancellationToken: cancellation);
            TellIfBreached(Contract.BreachOf(response));
            return response.MetricSpecs.Where(spec => TargetOf(spec) > 0);
        }
        catch (RpcException refusal)
        {
            TellIfBreached(Contract.BreachOf("GetMetricSpec", refusal.StatusCode));
            throw;
        }
    }

    private async Task<(MetricReading Metric, bool Active)> MetricAsync(MetricSpec spec, CancellationToken cancellation)
    {
        // The name has been through an HPA and a URL by now, where it lost its capitals.
        var name = spec.MetricName.ToLowerInvariant();
        var request = new GetMetricsRequest { ScaledObjectRef = reference, MetricName = name };
        var response = await scaler.GetMetricsAsync(request, cancellationToken: cancellation);
        TellIfBreached(Contract.BreachOf(name, response));

        var active = await scaler.IsActiveAsync(reference, cancellationToken: cancellation);
        return (new MetricReading(name, response.MetricValues.Sum(ValueOf), TargetOf(spec)), active.Result);
    }

    private static double TargetOf(MetricSpec spec) => spec.TargetSizeFloat > 0 ? spec.TargetSizeFloat : spec.TargetSize;

    private static double ValueOf(MetricValue value) => value.MetricValueFloat > 0 ? value.MetricValueFloat : value.MetricValue_;

    private void TellIfBreached(string? breach)
    {
        if (breach is not null)
            story.Tell(KedaEventKind.ContractViolated, breach);
    }
}
