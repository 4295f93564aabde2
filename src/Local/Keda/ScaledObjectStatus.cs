using System.Globalization;
using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace Wakegate.Local.Keda;

/// <summary>What <c>kubectl get scaledobjects</c> shows of KEDA's work.</summary>
/// <param name="Active">Whether a trigger is active.</param>
/// <param name="Reason">KEDA's word for why or why not.</param>
/// <param name="Failure">What keeps the triggers from working; null when nothing does.</param>
/// <param name="Paused">Whether a pause annotation is on.</param>
internal sealed record ScaledObjectConditions(bool Active, string Reason, string? Failure = null, bool Paused = false);

/// <summary>Writes a ScaledObject's status: its conditions when they change, and when it was last active.</summary>
internal sealed class ScaledObjectStatus(IKubernetes kubernetes, string @namespace, string name)
{
    private ScaledObjectConditions? written;
    private DateTimeOffset? lastActiveWritten;

    public async Task WriteAsync(ScaledObjectConditions conditions, DateTimeOffset? lastActive, CancellationToken cancellation)
    {
        if (conditions == written && lastActive == lastActiveWritten)
            return;

        var lastActiveTime = lastActive?.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        var status = new { conditions = Conditions(conditions), lastActiveTime };
        try
        {
            await kubernetes.CustomObjects.PatchNamespacedCustomObjectStatusAsync(
                new V1Patch(new { status }, V1Patch.PatchType.MergePatch),
                ScaledObject.Group, ScaledObject.Version, @namespace, ScaledObject.Plural, name, cancellationToken: cancellation);
            (written, lastActiveWritten) = (conditions, lastActive);
        }
        catch (HttpOperationException gone) when (gone.Response.StatusCode == HttpStatusCode.NotFound)
        {
            // It was deleted meanwhile; the watch will say so.
        }
    }

    private static object[] Conditions(ScaledObjectConditions conditions) =>
    [
        conditions.Failure is null
            ? Condition("Ready", true, "ScaledObjectReady", "ScaledObject is defined correctly and is ready for scaling")
            : Condition("Ready", false, "TriggerError", conditions.Failure),
        Condition("Active", conditions.Active, conditions.Reason, conditions.Active
            ? "Scaling is performed because triggers are active"
            : "Scaling is not performed because triggers are not active"),
        Condition("Fallback", false, "NoFallbackFound", "No fallbacks are active on this scaled object"),
        conditions.Paused
            ? Condition("Paused", true, "ScaledObjectPaused", "ScaledObject is paused")
            : Condition("Paused", false, "ScaledObjectUnpaused", "ScaledObject is not paused"),
    ];

    private static object Condition(string type, bool status, string reason, string message) =>
        new { type, status = status ? "True" : "False", reason, message };
}
