using System.Diagnostics;
using Wakegate.Interceptor.Observing;
using Wakegate.Interceptor.Routing;

namespace Wakegate.Interceptor.Waking;

/// <summary>How long wake-ups took, and how they ended.</summary>
internal sealed class WakeMetrics(RouteHistograms histograms, TimeProvider clock)
{
    public void Ended(Route route, Wake wake)
    {
        route.Tally.Wakes.Add(Name(wake.Outcome ?? WakeOutcome.Unrouted));
        if (wake is not { Outcome: WakeOutcome.Served, Ready: { } ready, Reached: { } reached })
        {
            return;
        }

        // An exemplar is of the trace that is current: that of the request that woke the route.
        var before = Activity.Current;
        if (wake.Trace is { IsStopped: false })
        {
            Activity.Current = wake.Trace;
        }

        // A request that came at that very moment may have been sent before those who wait are told.
        reached = Math.Max(reached, ready);
        histograms.ColdStart(route.Tags, clock.GetElapsedTime(wake.Arrived, reached));
        histograms.ColdStartPhase(route.Tags, "wake", clock.GetElapsedTime(wake.Arrived, ready));
        histograms.ColdStartPhase(route.Tags, "release", clock.GetElapsedTime(ready, reached));
        if (wake is { Scheduled: { } scheduled, Started: { } started })
        {
            histograms.WakeStep(route.Tags, "scheduled", clock.GetElapsedTime(wake.Arrived, scheduled));
            histograms.WakeStep(route.Tags, "started", clock.GetElapsedTime(scheduled, started));
            histograms.WakeStep(route.Tags, "ready", clock.GetElapsedTime(started, ready));
        }

        Activity.Current = before;
    }

    /// <summary>As metrics and the page name it.</summary>
    public static string Name(WakeOutcome outcome) => outcome switch
    {
        WakeOutcome.Served => "served",
        WakeOutcome.TimedOut => "timed_out",
        WakeOutcome.Hopeless => "hopeless",
        WakeOutcome.Left => "left",
        _ => "unrouted",
    };
}
