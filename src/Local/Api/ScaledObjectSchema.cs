namespace Wakegate.Local.Api;

/// <summary>
/// The ScaledObject as KEDA's CustomResourceDefinition types it. Its triggers' metadata holds strings only: an unquoted port is refused
/// here as it is by a cluster.
/// </summary>
internal static class ScaledObjectSchema
{
    public static Schema Instance { get; } = Schema.Object(
        ("apiVersion", Schema.Text),
        ("kind", Schema.Text),
        ("metadata", ModelSchemas.Of<k8s.Models.V1ObjectMeta>()),
        ("spec", Spec()),
        ("status", Schema.Any)) with
    { Required = ["spec"] };

    private static Schema Spec() => Schema.Object(
        ("advanced", Schema.Any),
        ("cooldownPeriod", Schema.Integer),
        ("fallback", Schema.Any),
        ("idleReplicaCount", Schema.Integer),
        ("initialCooldownPeriod", Schema.Integer),
        ("maxReplicaCount", Schema.Integer),
        ("minReplicaCount", Schema.Integer),
        ("pollingInterval", Schema.Integer),
        ("scaleTargetRef", ScaleTarget()),
        ("triggers", Schema.List(Trigger()))) with
    { Required = ["scaleTargetRef", "triggers"] };

    private static Schema ScaleTarget() => Schema.Object(
        ("apiVersion", Schema.Text),
        ("envSourceContainerName", Schema.Text),
        ("kind", Schema.Text),
        ("name", Schema.Text)) with
    { Required = ["name"] };

    private static Schema Trigger() => Schema.Object(
        ("authenticationRef", Schema.Any),
        ("metadata", Schema.TextMap),
        ("metricType", Schema.Text),
        ("name", Schema.Text),
        ("type", Schema.Text),
        ("useCachedMetrics", Schema.Boolean)) with
    { Required = ["metadata", "type"] };
}
