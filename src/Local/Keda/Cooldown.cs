namespace Wakegate.Local.Keda;

/// <summary>When a workload that is not active may go to zero.</summary>
internal static class Cooldown
{
    /// <summary>
    /// True when the last activity lies longer back than the cooldown, or, for a workload that was never active, its creation longer
    /// than the initial one.
    /// </summary>
    public static bool IsOver(ScalingRules rules, DateTimeOffset? lastActive, DateTimeOffset created, DateTimeOffset now) =>
        lastActive is { } active ? now - active > rules.Cooldown : now - created > rules.InitialCooldown;
}
