using System.Text.Json.Serialization;

namespace Wakegate.Interceptor.Watching;

/// <summary>
/// The few fields that are read of each kind: a large cluster has tens of thousands of these objects, and most of each is of no use here.
/// What Go writes as null, because it is an empty list or map, may be null.
/// </summary>
internal abstract record Resource
{
    public Metadata Metadata { get; init; } = new();

    [JsonIgnore]
    public ObjectName Name => new(Metadata.Namespace, Metadata.Name);
}

internal readonly record struct ObjectName(string Namespace, string Name)
{
    public override string ToString() => $"{Namespace}/{Name}";
}

internal sealed record Metadata
{
    public string Name { get; init; } = "";

    public string Namespace { get; init; } = "";

    public string Uid { get; init; } = "";

    public string ResourceVersion { get; init; } = "";

    public string? Continue { get; init; }

    /// <summary>Null in a bookmark.</summary>
    public DateTimeOffset? CreationTimestamp { get; init; }

    /// <summary>Set on an object that is going away.</summary>
    public DateTimeOffset? DeletionTimestamp { get; init; }

    public Dictionary<string, string>? Labels { get; init; }

    /// <summary>Those of KEDA alone: others can be as large as the object itself.</summary>
    [JsonConverter(typeof(KedaAnnotations))]
    public Dictionary<string, string>? Annotations { get; init; }
}

internal sealed record ScaledObject : Resource
{
    public ScaledObjectSpec Spec { get; init; } = new();
}

internal sealed record ScaledObjectSpec
{
    public ScaleTarget? ScaleTargetRef { get; init; }

    public Trigger[]? Triggers { get; init; }
}

internal sealed record ScaleTarget
{
    public string Name { get; init; } = "";

    /// <summary>Absent means Deployment.</summary>
    public string? Kind { get; init; }
}

internal sealed record Trigger
{
    public string Type { get; init; } = "";

    [JsonConverter(typeof(TextMapConverter))]
    public Dictionary<string, string>? Metadata { get; init; }
}

internal sealed record Service : Resource
{
    public ServiceSpec Spec { get; init; } = new();
}

internal sealed record ServiceSpec
{
    public string? Type { get; init; }

    [JsonPropertyName("clusterIP")]
    public string? ClusterIP { get; init; }

    public ServicePortSpec[]? Ports { get; init; }

    public Dictionary<string, string>? Selector { get; init; }

    public string[]? IpFamilies { get; init; }

    public bool? PublishNotReadyAddresses { get; init; }
}

internal sealed record ServicePortSpec
{
    /// <summary>A number, or the name of a container's port; absent means the same number.</summary>
    [JsonConverter(typeof(IntOrStringConverter))]
    public string? TargetPort { get; init; }

    public string? Name { get; init; }

    public int Port { get; init; }

    public string? AppProtocol { get; init; }
}

internal sealed record EndpointSlice : Resource
{
    public string AddressType { get; init; } = "IPv4";

    public Endpoint[]? Endpoints { get; init; }

    public EndpointPort[]? Ports { get; init; }

    /// <summary>The Service it belongs to; null for a slice of no Service.</summary>
    [JsonIgnore]
    public ObjectName? Service => Metadata.Labels?.GetValueOrDefault("kubernetes.io/service-name") is { } name ? new(Metadata.Namespace, name) : null;
}

internal sealed record Endpoint
{
    public string[]? Addresses { get; init; }

    public EndpointConditions? Conditions { get; init; }

    public ObjectReference? TargetRef { get; init; }
}

internal sealed record EndpointConditions
{
    /// <summary>Absent means ready.</summary>
    public bool? Ready { get; init; }

    public bool? Terminating { get; init; }
}

internal sealed record ObjectReference
{
    public string? Kind { get; init; }

    public string? Namespace { get; init; }

    public string? Name { get; init; }

    public string? Uid { get; init; }
}

internal sealed record EndpointPort
{
    public string? Name { get; init; }

    public int? Port { get; init; }
}

/// <summary>Asked for only where a pod does not come.</summary>
internal sealed record Deployment : Resource
{
    public DeploymentStatus? Status { get; init; }
}

internal sealed record DeploymentStatus
{
    public Condition[]? Conditions { get; init; }
}

internal sealed record EventList
{
    public RecordedEvent[]? Items { get; init; }
}

/// <summary>An Event, of which the reason alone counts.</summary>
internal sealed record RecordedEvent
{
    public string? Reason { get; init; }
}

internal sealed record Condition
{
    public string Type { get; init; } = "";

    public string Status { get; init; } = "";

    public DateTime? LastTransitionTime { get; init; }

    public string? Reason { get; init; }

    public string? Message { get; init; }
}
