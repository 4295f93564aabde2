using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Wakegate.Upstream.Conduct;

/// <summary>Tells <c>grpc.health.v1</c> what <see cref="Readiness"/> says.</summary>
internal sealed class ReadinessCheck(Readiness readiness) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(readiness.IsReady ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy());
}
