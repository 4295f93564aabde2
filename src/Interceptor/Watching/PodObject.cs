using System.Text.Json.Serialization;

namespace Wakegate.Interceptor.Watching;

/// <summary>A Pod, while a namespace's pods are watched.</summary>
internal sealed record PodObject : Resource
{
    public PodSpec Spec { get; init; } = new();

    public PodStatus Status { get; init; } = new();

    /// <summary>Running, or on its way there.</summary>
    [JsonIgnore]
    public bool Lives => Metadata.DeletionTimestamp is null && Status.Phase is not ("Succeeded" or "Failed");

    /// <summary>How often its containers have been started anew.</summary>
    [JsonIgnore]
    public int Restarts => (Status.ContainerStatuses ?? []).Sum(c => c.RestartCount);

    [JsonIgnore]
    public bool Ready => Lives && Status.Condition("Ready") is { Status: "True" };

    /// <summary>Whether it has been ready since its containers started, and is no longer.</summary>
    [JsonIgnore]
    public bool WasReady => Status.Condition("Ready") is { Status: "False", LastTransitionTime: { } changed }
        && (Status.ContainerStatuses ?? []).Max(c => c.State?.Running?.StartedAt) < changed;

    /// <summary>
    /// Whether all containers without a readinessProbe are ready, sidecars too: they are once they run, and the pod is not before they are.
    /// </summary>
    [JsonIgnore]
    public bool OthersAreReady => AreReady(Spec.Containers, Status.ContainerStatuses) && AreReady(Spec.Sidecars, Status.InitContainerStatuses);

    /// <summary>Where it is asked; null before it has an address.</summary>
    [JsonIgnore]
    public string? Address => Status.PodIPs is [{ Ip: { } address }, ..] ? address : null;

    private static bool AreReady(IEnumerable<Container> containers, ContainerStatus[]? statuses) => containers
        .Where(c => c.ReadinessProbe is null)
        .All(c => Array.Exists(statuses ?? [], s => s.Name == c.Name && s.Ready));
}

internal sealed record PodSpec
{
    public Container[] Containers { get; init; } = [];

    public Container[]? InitContainers { get; init; }

    /// <summary>Conditions that others set, and that must hold before the pod is ready.</summary>
    public ReadinessGate[]? ReadinessGates { get; init; }

    /// <summary>Init containers that go on running beside the others, and whose probes count as theirs do.</summary>
    [JsonIgnore]
    public IEnumerable<Container> Sidecars => (InitContainers ?? []).Where(c => c.RestartPolicy == "Always");
}

internal sealed record ReadinessGate
{
    public string ConditionType { get; init; } = "";
}

internal sealed record Container
{
    public string Name { get; init; } = "";

    public string? RestartPolicy { get; init; }

    public ContainerPort[]? Ports { get; init; }

    public Probe? ReadinessProbe { get; init; }

    public Probe? StartupProbe { get; init; }
}

internal sealed record ContainerPort
{
    public string? Name { get; init; }

    [JsonPropertyName("containerPort")]
    public int Number { get; init; }
}

internal sealed record Probe
{
    public HttpGetAction? HttpGet { get; init; }

    public TcpSocketAction? TcpSocket { get; init; }

    public GrpcAction? Grpc { get; init; }

    public int? TimeoutSeconds { get; init; }
}

internal sealed record HttpGetAction
{
    public string? Path { get; init; }

    [JsonConverter(typeof(IntOrStringConverter))]
    public string? Port { get; init; }

    public string? Host { get; init; }

    public string? Scheme { get; init; }

    public HttpHeader[]? HttpHeaders { get; init; }
}

internal sealed record HttpHeader
{
    public string Name { get; init; } = "";

    public string? Value { get; init; }
}

internal sealed record TcpSocketAction
{
    [JsonConverter(typeof(IntOrStringConverter))]
    public string? Port { get; init; }

    public string? Host { get; init; }
}

internal sealed record GrpcAction
{
    public int Port { get; init; }

    public string? Service { get; init; }
}

internal sealed record PodStatus
{
    public string? Phase { get; init; }

    [JsonPropertyName("podIPs")]
    public PodIP[]? PodIPs { get; init; }

    public Condition[]? Conditions { get; init; }

    public ContainerStatus[]? InitContainerStatuses { get; init; }

    public ContainerStatus[]? ContainerStatuses { get; init; }

    public Condition? Condition(string type) => Array.Find(Conditions ?? [], c => c.Type == type);
}

internal sealed record PodIP
{
    public string? Ip { get; init; }
}

internal sealed record ContainerStatus
{
    public string Name { get; init; } = "";

    public bool Ready { get; init; }

    public int RestartCount { get; init; }

    public ContainerState? State { get; init; }
}

internal sealed record ContainerState
{
    public WaitingState? Waiting { get; init; }

    public RunningState? Running { get; init; }
}

internal sealed record WaitingState
{
    public string? Reason { get; init; }

    public string? Message { get; init; }
}

internal sealed record RunningState
{
    public DateTime? StartedAt { get; init; }
}
