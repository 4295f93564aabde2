namespace Wakegate.Local.Keda;

/// <summary>What KEDA's part needs to know of the machine it is played on.</summary>
internal sealed record KedaOptions
{
    /// <summary>Where our scaler really listens, for example <c>http://127.0.0.1:9090</c>; clear text, HTTP/2 with prior knowledge.</summary>
    public required Uri ScalerEndpoint { get; init; }

    /// <summary>Where more of them listen: calls and streams go round all of them, as KEDA balances over a headless Service.</summary>
    public IReadOnlyList<Uri> OtherScalerEndpoints { get; init; } = [];

    /// <summary>What ScaledObjects call it.</summary>
    public string ScalerAddress { get; init; } = "wakegate-scaler.wakegate:9090";

    /// <summary>How often the HPA decides; 15 s is a cluster's default.</summary>
    public TimeSpan HpaInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// The longest that the connection to a scaler backs off while none answers. By default gRPC's two minutes, in KEDA as here; the one
    /// time that is the gRPC library's own and not the clock's.
    /// </summary>
    public TimeSpan LongestReconnectBackoff { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Told of everything that happens, in order for each ScaledObject; must not block.</summary>
    public Action<KedaEvent> OnEvent { get; init; } = _ => { };
}
