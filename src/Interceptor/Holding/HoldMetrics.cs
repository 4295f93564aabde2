using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace Wakegate.Interceptor.Holding;

/// <summary>How much of the whole interceptor's budget for held requests is taken.</summary>
internal sealed class HoldMetrics
{
    public HoldMetrics(IMeterFactory meters, HoldBudget budget, IOptions<HoldSettings> settings)
    {
        var meter = meters.Create("Wakegate.Interceptor");
        meter.CreateObservableGauge("wakegate.interceptor.budget.requests", () => budget.Requests, "{request}", "Requests held now, of all routes.");
        meter.CreateObservableGauge(
            "wakegate.interceptor.budget.limit.requests", () => settings.Value.MaxRequests, "{request}", "Requests that may be held, of all routes.");
        meter.CreateObservableGauge("wakegate.interceptor.budget.bytes", () => budget.Bytes, "By", "Bytes that held requests' bodies take in memory, or may come to take.");
        meter.CreateObservableGauge(
            "wakegate.interceptor.budget.limit.bytes", () => settings.Value.MaxBytes, "By", "Bytes that held requests' bodies may take.");
    }
}
