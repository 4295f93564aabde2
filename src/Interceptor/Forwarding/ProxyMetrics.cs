using Wakegate.Interceptor.Answering;
using Wakegate.Interceptor.Holding;
using Wakegate.Interceptor.Observing;
using Wakegate.Interceptor.Routing;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>What happened to requests, noted where it happens; <see cref="RouteGauges"/> tells it.</summary>
internal sealed class ProxyMetrics(RouteHistograms histograms)
{
    /// <summary>Answers of our own to requests that have no route.</summary>
    public LabelledCounts Unrouted { get; } = new();

    /// <summary>A request is answered by ourselves.</summary>
    public void Answered(Route? route, Problem problem) => (route?.Tally.Problems ?? Unrouted).Add(problem.Code);

    /// <summary>A request's wait has ended.</summary>
    public void Held(Route route, HoldOutcome outcome, TimeSpan duration) => histograms.Held(route.Tags, outcome.Name(), duration);
}
