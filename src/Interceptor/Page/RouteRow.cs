namespace Wakegate.Interceptor.Page;

/// <summary>A route in one line. What is zero is left out of its JSON.</summary>
internal sealed record RouteRow
{
    /// <summary><c>namespace/scaledobject/route</c>.</summary>
    public required string Id { get; init; }

    public required string State { get; init; }

    /// <summary>The first host that it claims.</summary>
    public required string Host { get; init; }

    /// <summary>How many more there are.</summary>
    public int MoreHosts { get; init; }

    /// <summary>Of all interceptors, where <see cref="Totals.Shared"/>.</summary>
    public int Pending { get; init; }

    public int Held { get; init; }

    public int InFlight { get; init; }

    /// <summary>Ready ones.</summary>
    public int Pods { get; init; }

    /// <summary>Requests a second.</summary>
    public double Rate { get; init; }

    /// <summary>The wake-up under way.</summary>
    public WakeView? Waking { get; init; }

    /// <summary>The last wake-up that ended.</summary>
    public WakeView? Woke { get; init; }

    /// <summary>Things that are wrong with its ScaledObject.</summary>
    public int Problems { get; init; }
}
