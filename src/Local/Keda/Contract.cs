using Grpc.Core;
using Wakegate.Local.Keda.Protocol;

namespace Wakegate.Local.Keda;

/// <summary>
/// What a scaler must keep to, and KEDA does not check: it would lower-case a name, take a zero for a target or go to zero, and nobody
/// would know why. Each breach is a sentence; null is none.
/// </summary>
internal static class Contract
{
    public const string PushedFalse = "StreamIsActive sent false: KEDA up to 2.17 would scale to zero past other triggers.";

    public static string? BreachOf(GetMetricSpecResponse response)
    {
        if (response.MetricSpecs.Count == 0)
            return "GetMetricSpec is empty: older KEDA would leave an HPA on 80 % CPU.";

        return response.MetricSpecs.Select(BreachOf).FirstOrDefault(breach => breach is not null);
    }

    public static string? BreachOf(string metricName, GetMetricsResponse response) => response.MetricValues switch
    {
        [var value] when string.Equals(value.MetricName, metricName, StringComparison.Ordinal) => null,
        [var value] => $"GetMetrics was asked for '{metricName}' and answered '{value.MetricName}'.",
        var values => $"GetMetrics was asked for '{metricName}' and returned {values.Count} values: KEDA adds them all up.",
    };

    /// <summary>Some calls must never be refused; that the scaler cannot be reached is no breach.</summary>
    public static string? BreachOf(string call, StatusCode refusal) =>
        refusal is StatusCode.InvalidArgument or StatusCode.NotFound or StatusCode.FailedPrecondition or StatusCode.Unimplemented
            ? $"{call} was refused with {refusal}, but is never refused."
            : null;

    private static string? BreachOf(MetricSpec spec)
    {
        if (spec.MetricName.Length == 0 || !spec.MetricName.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-'))
            return $"The metric name '{spec.MetricName}' has other characters than a-z, 0-9 and '-'.";
        return spec is { TargetSize: > 0, TargetSizeFloat: > 0 }
            ? null
            : $"The targets of '{spec.MetricName}' are {spec.TargetSize} and {spec.TargetSizeFloat}; both must be above 0.";
    }
}
