using System.Globalization;
using System.Text.Json;

namespace Wakegate.Local.Keda;

/// <summary>A ScaledObject as far as KEDA's part reads it.</summary>
/// <param name="Namespace">Where it is.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Created">When it was created.</param>
/// <param name="LastActive">What its status remembers from before this process.</param>
/// <param name="Rules">What it says about replicas.</param>
/// <param name="Triggers">Its triggers, in order.</param>
/// <param name="TargetKind">What it scales; only a Deployment is played.</param>
/// <param name="Wording">Everything above that a user can change, as text: equal wording needs no new streams.</param>
internal sealed record ScaledObject(
    string Namespace, string Name, DateTimeOffset Created, DateTimeOffset? LastActive, ScalingRules Rules,
    IReadOnlyList<ScaledObjectTrigger> Triggers, string TargetKind, string Wording)
{
    public const string Group = "keda.sh";
    public const string Version = "v1alpha1";
    public const string Plural = "scaledobjects";

    /// <summary>Reads a ScaledObject from the API's JSON.</summary>
    /// <exception cref="JsonException">It is not what KEDA's definition of the resource allows.</exception>
    public static ScaledObject Read(JsonElement json)
    {
        var read = json.Deserialize<ScaledObjectJson>(JsonSerializerOptions.Web) ?? throw new JsonException("The ScaledObject is null.");
        var annotations = read.Metadata.Annotations ?? [];
        var paused = annotations.GetValueOrDefault("autoscaling.keda.sh/paused");
        var pausedReplicas = annotations.GetValueOrDefault("autoscaling.keda.sh/paused-replicas");

        return new ScaledObject(
            read.Metadata.Namespace, read.Metadata.Name, read.Metadata.CreationTimestamp, read.Status?.LastActiveTime,
            RulesOf(read.Spec, paused, pausedReplicas), read.Spec.Triggers,
            read.Spec.ScaleTargetRef.Kind ?? "Deployment",
            $"{json.GetProperty("spec").GetRawText()} {paused} {pausedReplicas}");
    }

    private static ScalingRules RulesOf(ScaledObjectSpecJson spec, string? paused, string? pausedReplicas)
    {
        var defaults = new ScalingRules { Deployment = spec.ScaleTargetRef.Name };
        int? pinned = int.TryParse(pausedReplicas, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null;
        var scaleDown = spec.Advanced?.HorizontalPodAutoscalerConfig?.Behavior?.ScaleDown;
        return defaults with
        {
            MinReplicas = spec.MinReplicaCount ?? defaults.MinReplicas,
            MaxReplicas = spec.MaxReplicaCount ?? defaults.MaxReplicas,
            IdleReplicas = spec.IdleReplicaCount,
            PollingInterval = Seconds(spec.PollingInterval) ?? defaults.PollingInterval,
            Cooldown = Seconds(spec.CooldownPeriod) ?? defaults.Cooldown,
            InitialCooldown = Seconds(spec.InitialCooldownPeriod) ?? defaults.InitialCooldown,
            ScaleDownWindow = Seconds(scaleDown?.StabilizationWindowSeconds) ?? defaults.ScaleDownWindow,

            // All that Go's strconv.ParseBool reads as false. KEDA takes whatever is neither true nor false for a pause (NeedToBePausedByAnnotation).
            Paused = pinned is not null || paused is not (null or "0" or "f" or "F" or "FALSE" or "false" or "False"),
            PausedReplicas = pinned,
        };
    }

    private static TimeSpan? Seconds(int? seconds) => seconds is { } count ? TimeSpan.FromSeconds(count) : null;
}
