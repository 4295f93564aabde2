namespace Wakegate.Contracts.Triggers;

/// <summary>What one trigger's metadata says, validated and with its defaults filled in.</summary>
public sealed record RouteSpec
{
    /// <summary>Which trigger this is.</summary>
    public required RouteId Id { get; init; }

    /// <summary>Hosts that belong to the workload; at least one.</summary>
    public required IReadOnlyList<HostPattern> Hosts { get; init; }

    /// <summary>Path prefixes, matched on whole segments; at least one, each with a leading slash and, but for <c>/</c>, no trailing one.</summary>
    public IReadOnlyList<string> PathPrefixes { get; init; } = ["/"];

    /// <summary>Headers that must all match.</summary>
    public IReadOnlyList<HeaderCondition> Headers { get; init; } = [];

    /// <summary>The Service, in the ScaledObject's namespace.</summary>
    public required string Service { get; init; }

    /// <summary>The Service's port.</summary>
    public required ServicePort Port { get; init; }

    /// <summary>Whether requests go straight to pods or to the Service's cluster IP.</summary>
    public Via Via { get; init; } = Via.Pods;

    /// <summary>What decides that a pod takes traffic.</summary>
    public Readiness Readiness { get; init; } = Readiness.Endpoints;

    /// <summary>Hard limit of requests in flight to one pod; 0 is no limit.</summary>
    public int PodConcurrency { get; init; }

    /// <summary>Longest wait for a ready pod.</summary>
    public TimeSpan HoldTimeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Requests held at once in one interceptor.</summary>
    public int MaxHeldRequests { get; init; } = 10_000;

    /// <summary>From release until the response's headers; zero is no limit.</summary>
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>From arrival to the end of the exchange; zero is no limit.</summary>
    public TimeSpan RequestTimeout { get; init; }

    /// <summary>How the pod is spoken to.</summary>
    public UpstreamProtocol Protocol { get; init; } = UpstreamProtocol.Auto;

    /// <summary>What the scaler reads of the same metadata.</summary>
    public required ScalingSpec Scaling { get; init; }
}

/// <summary>The part of a trigger that says how much load one pod takes, and when a route counts as active.</summary>
public sealed record ScalingSpec
{
    /// <summary>Wanted pending requests a pod; null where only a rate is given.</summary>
    public double? TargetPendingRequests { get; init; } = 100;

    /// <summary>Wanted requests per second a pod; null where none is given.</summary>
    public double? TargetRequestRate { get; init; }

    /// <summary>The sliding window of <see cref="TargetRequestRate"/>.</summary>
    public TimeSpan RequestRateWindow { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long after its last request a route still counts as active.</summary>
    public TimeSpan ActivityWindow { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>A header that a request must carry: with this exact value, or, where <paramref name="Value"/> is null, with any.</summary>
public sealed record HeaderCondition(string Name, string? Value);

/// <summary>A Service's port, by number or by name: exactly one of the two is set.</summary>
public readonly record struct ServicePort(int? Number, string? Name)
{
    /// <summary>The number or the name, as the user wrote it.</summary>
    public override string ToString() => Name ?? Number?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "";
}

/// <summary>Where requests are sent.</summary>
public enum Via
{
    /// <summary>Straight to a ready pod.</summary>
    Pods,

    /// <summary>To the Service's cluster IP, for a mesh that needs it.</summary>
    Service,
}

/// <summary>What decides that a pod takes traffic.</summary>
public enum Readiness
{
    /// <summary>Its EndpointSlice says ready.</summary>
    Endpoints,

    /// <summary>Its own readinessProbe, run by the interceptor, succeeds.</summary>
    Probe,
}

/// <summary>How a pod is spoken to.</summary>
public enum UpstreamProtocol
{
    /// <summary>The Service port's appProtocol; without one h2c for <c>application/grpc</c>, HTTP/1.1 for all others.</summary>
    Auto,

    /// <summary>HTTP/1.1 in clear text.</summary>
    Http1,

    /// <summary>HTTP/2 in clear text, with prior knowledge.</summary>
    H2c,

    /// <summary>TLS, HTTP/2 where the pod offers it.</summary>
    Https,

    /// <summary>TLS with HTTP/1.1.</summary>
    Https1,
}
