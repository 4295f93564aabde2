namespace Wakegate.Bench.Results;

/// <summary>One figure as it is kept.</summary>
internal sealed record Figure(
    string Name,
    string Title,
    DateOnly Date,
    string Machine,
    IReadOnlyDictionary<string, string> Versions,
    int Rounds,
    double TurnSeconds,
    IReadOnlyList<Series> Series,
    IReadOnlyList<Verdict> Verdicts,
    IReadOnlyList<string> Notes);

/// <summary>What one contestant had, a value a round.</summary>
internal sealed record Series(string Metric, string Unit, string Contestant, List<double> Values)
{
    public double Median => Statistics.Median(Values);
}

/// <summary>A number and what it must not pass.</summary>
/// <param name="What">What it is.</param>
/// <param name="Value">The median over rounds.</param>
/// <param name="Least">The least of a round.</param>
/// <param name="Most">The most of a round.</param>
/// <param name="Bound">What was promised.</param>
internal sealed record Verdict(string What, double Value, double Least, double Most, Bound Bound)
{
    public bool Pass => Bound.Holds(Value);
}

/// <summary>A bound from below or from above; both null where a number is only reported.</summary>
internal sealed record Bound(double? AtLeast = null, double? AtMost = null)
{
    public static Bound None { get; } = new();

    public bool Holds(double value) => (AtLeast is null || value >= AtLeast) && (AtMost is null || value <= AtMost);
}

internal static class Statistics
{
    public static double Median(IReadOnlyCollection<double> values) => Percentile(values, 0.5);

    /// <summary>The value that this share of all do not exceed.</summary>
    public static double Percentile(IReadOnlyCollection<double> values, double share)
    {
        if (values.Count == 0)
            return double.NaN;
        var sorted = values.Order().ToList();
        var rank = (int)Math.Ceiling(share * sorted.Count) - 1;
        return share == 0.5 && sorted.Count % 2 == 0 ? (sorted[rank] + sorted[rank + 1]) / 2 : sorted[Math.Max(rank, 0)];
    }
}
