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

    public double Least(string metric, string contestant) => series[(metric, contestant)].Values.Min();

    public double Most(string metric, string contestant) => series[(metric, contestant)].Values.Max();

    /// <summary>Judges the median, over rounds, of one contestant's value over another's in the same round.</summary>
    public void Ratio(string metric, string of, string over, Bound bound) =>
        Compare($"{metric}: {of} / {over}", metric, of, over, (a, b) => a / b, bound);

    /// <summary>Judges the median, over rounds, of one contestant's value less another's in the same round.</summary>
    public void Difference(string metric, string of, string over, Bound bound) =>
        Compare($"{metric}: {of} − {over}", metric, of, over, (a, b) => a - b, bound);

    /// <summary>Judges one number.</summary>
    public void Judge(string what, double value, Bound bound) => verdicts.Add(new(what, value, value, value, bound));

    public Figure ToFigure() => new(
        name,
        title,
        DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().Date),
        Machine.Describe(),
        Machine.Versions(),
        plan.Rounds,
        plan.Turn.TotalSeconds,
        [.. series.Values],
        [.. verdicts],
        [.. notes]);

    private void Compare(string what, string metric, string of, string with, Func<double, double, double> compare, Bound bound)
    {
        var rounds = series[(metric, of)].Values.Zip(series[(metric, with)].Values, compare).ToList();
        verdicts.Add(new(what, Statistics.Median(rounds), rounds.Min(), rounds.Max(), bound));
    }
}
