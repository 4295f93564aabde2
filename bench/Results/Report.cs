using Wakegate.Bench.Running;

namespace Wakegate.Bench.Results;

/// <summary>Collects what a figure measures.</summary>
internal sealed class Report(string name, string title, Plan plan)
{
    private readonly Dictionary<(string Metric, string Contestant), Series> series = [];
    private readonly List<Verdict> verdicts = [];
    private readonly List<string> notes = [];

    public void Add(string metric, string unit, string contestant, double value)
    {
        if (!series.TryGetValue((metric, contestant), out var own))
            series[(metric, contestant)] = own = new(metric, unit, contestant, []);
        own.Values.Add(value);
    }

    /// <summary>Forgets what was judged and noted: more values come.</summary>
    public void JudgeAnew()
    {
        verdicts.Clear();
        notes.Clear();
    }

    public void Note(string note) => notes.Add(note);

    public double Median(string metric, string contestant) => series[(metric, contestant)].Median;

    /// <summary>The last value over the one half-way.</summary>
    public double Growth(string metric, string contestant)
    {
        var values = series[(metric, contestant)].Values;
        return values[^1] / values[values.Count / 2];
    }

    /// <summary>Judges the median, over rounds, of one contestant's value over another's in the same round.</summary>
    public void Ratio(string metric, string of, string over, Bound bound)
    {
        var ratios = series[(metric, of)].Values.Zip(series[(metric, over)].Values, (a, b) => a / b).ToList();
        verdicts.Add(new($"{metric}: {of} / {over}", Statistics.Median(ratios), ratios.Min(), ratios.Max(), bound));
    }

    /// <summary>Judges one number.</summary>
    public void Judge(string what, double value, Bound bound) => verdicts.Add(new(what, value, value, value, bound));

    public Figure ToFigure() => new(
        name, title, DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().Date), Machine.Describe(), Machine.Versions(), plan.Rounds, [.. series.Values], [.. verdicts], [.. notes]);
}
