using Microsoft.Extensions.Options;
using Wakegate.Contracts.Ledger;
using Wakegate.Contracts.Triggers;
using Wakegate.ExternalScaler.Protocol;

namespace Wakegate.ExternalScaler.Answering;

/// <summary>
/// The two metrics that KEDA's HPA scales by. Their names never change: KEDA writes them into the HPA, in lower case, and puts them in URLs.
/// </summary>
internal sealed class RouteMetrics(IOptions<ScalerSettings> settings)
{
    public const string PendingRequests = "wakegate-pending-requests";
    public const string RequestRate = "wakegate-request-rate";

    /// <summary>Purely from the metadata, and never empty: without a spec, KEDA makes an HPA that scales by CPU.</summary>
    public static GetMetricSpecResponse Specs(ScalingSpec scaling)
    {
        var response = new GetMetricSpecResponse();
        if (scaling.TargetPendingRequests is { } pending)
            response.MetricSpecs.Add(Spec(PendingRequests, pending));
        if (scaling.TargetRequestRate is { } rate)
            response.MetricSpecs.Add(Spec(RequestRate, rate));

        return response;
    }

    public static bool Knows(string name) => name is PendingRequests or RequestRate;

    /// <summary>Of one of the two.</summary>
    public double Value(string name, RouteAccount account, ScalingSpec scaling) => name == RequestRate
        ? account.RequestRate(scaling.RequestRateWindow)
        : Math.Max(account.Pending, account.AveragePending(settings.Value.AverageWindow));

    // KEDA before 2.8 reads whole numbers only, and a target of 0 is an error to it.
    private static MetricSpec Spec(string name, double target) =>
        new() { MetricName = name, TargetSize = (long)Math.Ceiling(target), TargetSizeFloat = target };
}
