namespace Wakegate.Local.Keda;

/// <summary>One trigger as the user wrote it.</summary>
internal sealed record ScaledObjectTrigger(string Type, Dictionary<string, string> Metadata);

internal sealed record ScaledObjectJson(ScaledObjectMetadataJson Metadata, ScaledObjectSpecJson Spec, ScaledObjectStatusJson? Status);

internal sealed record ScaledObjectMetadataJson(
    string Namespace, string Name, DateTimeOffset CreationTimestamp, Dictionary<string, string>? Annotations);

internal sealed record ScaledObjectStatusJson(DateTimeOffset? LastActiveTime);

internal sealed record ScaledObjectSpecJson(
    ScaleTargetJson ScaleTargetRef,
    IReadOnlyList<ScaledObjectTrigger> Triggers,
    int? MinReplicaCount,
    int? MaxReplicaCount,
    int? IdleReplicaCount,
    int? PollingInterval,
    int? CooldownPeriod,
    int? InitialCooldownPeriod,
    AdvancedJson? Advanced);

internal sealed record ScaleTargetJson(string Name, string? Kind);

internal sealed record AdvancedJson(HpaConfigJson? HorizontalPodAutoscalerConfig);

internal sealed record HpaConfigJson(HpaBehaviorJson? Behavior);

internal sealed record HpaBehaviorJson(HpaScaleDownJson? ScaleDown);

internal sealed record HpaScaleDownJson(int? StabilizationWindowSeconds);
