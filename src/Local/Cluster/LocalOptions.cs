namespace Wakegate.Local.Cluster;

/// <summary>How Local is to run.</summary>
public sealed record LocalOptions
{
    /// <summary>Where everything listens.</summary>
    public LocalPorts Ports { get; init; } = LocalPorts.At(0);

    /// <summary>A running Redis, as <c>HOST:PORT</c>; null to have one started.</summary>
    public string? Redis { get; init; }

    /// <summary>The manifests to load; null for the examples.</summary>
    public IReadOnlyList<string>? Manifests { get; init; }

    /// <summary>Whether only problems are told.</summary>
    public bool Quiet { get; init; }

    /// <summary>Where the story goes.</summary>
    public TextWriter Output { get; init; } = TextWriter.Null;

    /// <summary>Whether the story has colours.</summary>
    public bool Colours { get; init; }

    /// <summary>How often KEDA's HPA decides; 15 s is a cluster's default.</summary>
    public TimeSpan HpaInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How many scalers there are; KEDA goes round them, as it does with a headless Service.</summary>
    public int Scalers { get; init; } = 1;

    /// <summary>Set for the interceptors on top of Local's own settings, for example <c>Ledger__Lease</c>.</summary>
    public IReadOnlyDictionary<string, string> InterceptorSettings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Set for the scaler on top of Local's own settings.</summary>
    public IReadOnlyDictionary<string, string> ScalerSettings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
