namespace Wakegate.Interceptor.Page;

/// <summary>What a page is told first.</summary>
internal sealed record OverviewWhole
{
    /// <summary>In ms since 1970, by this interceptor's clock.</summary>
    public required long At { get; init; }

    public required Self Self { get; init; }

    public required Totals Totals { get; init; }

    public required IReadOnlyList<Trouble> Troubles { get; init; }

    public required IReadOnlyList<RouteRow> Rows { get; init; }

    /// <summary>Between two points of a history, in ms.</summary>
    public required int Step { get; init; }

    public required IReadOnlyList<History> Histories { get; init; }
}

/// <summary>What a page is told after that: what is null has not changed.</summary>
internal sealed record OverviewChange
{
    public required long At { get; init; }

    public Totals? Totals { get; init; }

    public IReadOnlyList<Trouble>? Troubles { get; init; }

    /// <summary>Ids of routes that are no more; to be read before the rows.</summary>
    public IReadOnlyList<string>? Gone { get; init; }

    /// <summary>Those that are new or have changed.</summary>
    public IReadOnlyList<RouteRow>? Rows { get; init; }

    /// <summary>The next point of every history; a route that is not named had no traffic.</summary>
    public IReadOnlyList<Point>? Points { get; init; }
}

/// <summary>Which interceptor this is.</summary>
/// <param name="Id">Its id in the ledger.</param>
/// <param name="Since">When it started, in ms since 1970.</param>
/// <param name="Version">Of the program.</param>
internal sealed record Self(string Id, long Since, string Version);

/// <summary>Something that is wrong with this interceptor or what it rests on.</summary>
/// <param name="Kind">Which, for the page.</param>
/// <param name="Text">A sentence for people.</param>
internal sealed record Trouble(string Kind, string Text);

/// <summary>A route's newest point: pending requests, and those that came within the step.</summary>
internal sealed record Point(string Id, int Pending, int Requests);

/// <summary>A route's last minutes, oldest first, all of equal length.</summary>
internal sealed record History(string Id, IReadOnlyList<int> Pending, IReadOnlyList<int> Held, IReadOnlyList<int> Requests)
{
    public static History Of(string id, RouteTraffic traffic)
    {
        var points = traffic.Points.ToList();
        return new(id, [.. points.Select(p => p.Pending)], [.. points.Select(p => p.Held)], [.. points.Select(p => p.Requests)]);
    }
}

/// <summary>Sums over all routes.</summary>
internal sealed record Totals
{
    public int Zero { get; init; }

    public int Waking { get; init; }

    public int Starting { get; init; }

    public int Ready { get; init; }

    public int Refused { get; init; }

    public int Pending { get; init; }

    /// <summary>Whether pending requests are those of all interceptors, or only of this one.</summary>
    public bool Shared { get; init; }

    public int Held { get; init; }

    public int InFlight { get; init; }

    public double Rate { get; init; }

    /// <summary>Interceptors that report.</summary>
    public int Interceptors { get; init; }

    /// <summary>Requests that may be held.</summary>
    public int MaxHeld { get; init; }

    /// <summary>Bytes of held bodies, and how many there may be.</summary>
    public long Bytes { get; init; }

    public long MaxBytes { get; init; }

    /// <summary>Hours at zero of all routes, since this interceptor started: with one pod each, the pod-hours that nobody paid for.</summary>
    public double SavedHours { get; init; }
}
