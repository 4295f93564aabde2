using Grpc.Core;
using Wakegate.Local.Keda;
using Wakegate.Local.Keda.Protocol;

namespace Wakegate.Local.Tests.Keda;

public sealed class ContractTests
{
    [Theory]
    [InlineData("pending", 100, 99.5, null)]
    [InlineData("Pending", 100, 100, "The metric name 'Pending' has other characters than a-z, 0-9 and '-'.")]
    [InlineData("pending", 0, 0.5, "The targets of 'pending' are 0 and 0.5; both must be above 0.")]
    [InlineData("pending", 1, 0, "The targets of 'pending' are 1 and 0; both must be above 0.")]
    public void MetricSpec_IsHeldToItsNameAndTargets(string name, long target, double targetFloat, string? breach)
    {
        var response = new GetMetricSpecResponse { MetricSpecs = { new MetricSpec { MetricName = name, TargetSize = target, TargetSizeFloat = targetFloat } } };

        Assert.Equal(breach, Contract.BreachOf(response));
    }

    [Fact]
    public void NoMetricSpec_IsABreach() =>
        Assert.StartsWith("GetMetricSpec is empty", Contract.BreachOf(new GetMetricSpecResponse()), StringComparison.Ordinal);

    [Theory]
    [InlineData(new[] { "pending" }, null)]
    [InlineData(new[] { "rate" }, "GetMetrics was asked for 'pending' and answered 'rate'.")]
    [InlineData(new[] { "pending", "rate" }, "GetMetrics was asked for 'pending' and returned 2 values: KEDA adds them all up.")]
    [InlineData(new string[0], "GetMetrics was asked for 'pending' and returned 0 values: KEDA adds them all up.")]
    public void Metrics_AreHeldToOneValueOfTheNameAskedFor(string[] names, string? breach)
    {
        var response = new GetMetricsResponse { MetricValues = { names.Select(name => new MetricValue { MetricName = name }) } };

        Assert.Equal(breach, Contract.BreachOf("pending", response));
    }

    [Theory]
    [InlineData(StatusCode.InvalidArgument, true)]
    [InlineData(StatusCode.NotFound, true)]
    [InlineData(StatusCode.Unavailable, false)]
    public void Refusal_IsABreachButAbsenceIsNot(StatusCode status, bool breach) =>
        Assert.Equal(breach, Contract.BreachOf("GetMetricSpec", status) is not null);

    [Theory]
    [InlineData("wakegate-scaler.wakegate:9090", "http://127.0.0.1:5000/")]
    [InlineData("wakegate-scaler.wakegate.svc:9090", "http://127.0.0.1:5000/")]
    [InlineData("Wakegate-Scaler.wakegate.svc.cluster.local:9090", "http://127.0.0.1:5000/")]
    [InlineData("wakegate-scaler.other:9090", "http://wakegate-scaler.other:9090/")]
    [InlineData("wakegate-scaler.wakegate:9091", "http://wakegate-scaler.wakegate:9091/")]
    [InlineData("127.0.0.1:7000", "http://127.0.0.1:7000/")]
    public void ScalerAddress_LeadsToTheLocalScalerInAnySpelling(string address, string endpoint)
    {
        using var channels = new ScalerChannels(new KedaOptions { ScalerEndpoint = new Uri("http://127.0.0.1:5000") });

        Assert.Equal(new Uri(endpoint), channels.Resolve(address));
    }
}
