namespace Wakegate.Local.Keda;

/// <summary>What a ScaledObject says about replicas, with KEDA's and the HPA's defaults filled in.</summary>
internal sealed record ScalingRules
{
    /// <summary>The Deployment, in the ScaledObject's namespace.</summary>
    public required string Deployment { get; init; }

    public int MinReplicas { get; init; }

    public int MaxReplicas { get; init; } = 100;

    /// <summary>Replicas while nothing is active; null for <see cref="MinReplicas"/>.</summary>
    public int? IdleReplicas { get; init; }

    public TimeSpan PollingInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>From the last activity until the workload may go to zero.</summary>
    public TimeSpan Cooldown { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>The same, from the ScaledObject's creation, for a workload that has never been active.</summary>
    public TimeSpan InitialCooldown { get; init; }

    /// <summary>The HPA goes down to the highest number that was wanted within this window.</summary>
    public TimeSpan ScaleDownWindow { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>True while a pause annotation is on: no streams, no polls, no HPA.</summary>
    public bool Paused { get; init; }

    /// <summary>What a pause holds the workload at; null leaves it as it is.</summary>
    public int? PausedReplicas { get; init; }

    /// <summary>Replicas of a workload that has just become active, and the HPA's lower bound.</summary>
    public int AwakeReplicas => Math.Max(1, MinReplicas);

    /// <summary>Replicas of a workload that is not active.</summary>
    public int RestingReplicas => IdleReplicas ?? MinReplicas;
}
