using System.Runtime.CompilerServices;
using k8s.Models;

namespace Wakegate.Local.Pods;

/// <summary>Asks again and again, and says when the pod's readiness changes: after as many successes or failures in a row as its probe wants.</summary>
internal static class ReadinessLoop
{
    /// <summary>True and false in turn, first true, until it is cancelled. Without a probe a pod is ready as soon as it runs, and stays so.</summary>
    public static async IAsyncEnumerable<bool> ChangesAsync(
        V1Probe? settings, ReadinessProbe? probe, TimeProvider clock, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (settings is null || probe is null)
        {
            yield return true;
            yield break;
        }

        await Task.Delay(TimeSpan.FromSeconds(settings.InitialDelaySeconds ?? 0), clock, cancellation);
        using var beat = new PeriodicTimer(TimeSpan.FromSeconds(settings.PeriodSeconds ?? 10), clock);
        var ready = false;
        var contrary = 0;
        do
        {
            contrary = await probe.SucceedsAsync(cancellation) == ready ? 0 : contrary + 1;
            if (contrary < ((ready ? settings.FailureThreshold : settings.SuccessThreshold) ?? (ready ? 3 : 1)))
                continue;
            ready = !ready;
            contrary = 0;
            yield return ready;
        }
        while (await beat.WaitForNextTickAsync(cancellation));
    }
}
