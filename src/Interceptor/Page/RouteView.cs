namespace Wakegate.Interceptor.Page;

/// <summary>All that a page shows of one route.</summary>
internal sealed record RouteView
{
    public required RouteRow Row { get; init; }

    /// <summary>Whether the row's pending requests are those of all interceptors.</summary>
    public bool Shared { get; init; }

    /// <summary>Why its requests are refused; null where they are not.</summary>
    public string? Refusal { get; init; }

    public required IReadOnlyList<RouteProblem> Problems { get; init; }

    /// <summary>Why no pod will come, as far as Kubernetes knows.</summary>
    public string? Obstacle { get; init; }

    public int QueueWaking { get; init; }

    public int QueueQueued { get; init; }

    /// <summary>How long the oldest held request has waited, in seconds.</summary>
    public double OldestAge { get; init; }

    public int MaxHeld { get; init; }

    /// <summary>Seconds at zero, since this interceptor started.</summary>
    public long ZeroSeconds { get; init; }

    /// <summary>Since it appeared.</summary>
    public long Requests { get; init; }

    /// <summary>Those that ended with a server error.</summary>
    public long Errors { get; init; }

    public required IReadOnlyList<PodRow> Pods { get; init; }

    /// <summary>The one under way.</summary>
    public WakeView? Waking { get; init; }

    /// <summary>The last few, the last first.</summary>
    public required IReadOnlyList<WakeView> Wakes { get; init; }

    public required IReadOnlyList<TriggerSetting> Trigger { get; init; }

    /// <summary>When the newest point of the history is from, in ms since 1970.</summary>
    public long HistoryAt { get; init; }

    public History? History { get; init; }
}

/// <summary>Something wrong with a ScaledObject, as its Event says it.</summary>
internal sealed record RouteProblem(string Reason, string Message);

/// <summary>A ready pod, and this interceptor's requests at it.</summary>
internal sealed record PodRow(string Name, string Address, int InFlight, bool Paused);
