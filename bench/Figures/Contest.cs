using Wakegate.Bench.Load;
using Wakegate.Bench.Results;
using Wakegate.Bench.Running;

namespace Wakegate.Bench.Figures;

/// <summary>The same closed-loop work over each contestant in turn, round after round.</summary>
internal static class Contest
{
    public const string Throughput = "throughput";
    public const string Cpu = "CPU a request";

    /// <param name="contestants">Who takes turns.</param>
    /// <param name="plan">How often and how long.</param>
    /// <param name="report">Gets throughput, and the CPU time that the contestant's own process took for a request.</param>
    /// <param name="load">A turn.</param>
    /// <param name="measured">Called after each turn; not after those that warm up.</param>
    public static async Task RunAsync(
        IReadOnlyList<Contestant> contestants, Plan plan, Report report, Func<Contestant, TimeSpan, Task<Outcome>> load, Action<Contestant>? measured = null)
    {
        await WarmUpAsync(contestants, plan, load);
        for (var round = 0; round < plan.Rounds; round++)
        {
            foreach (var contestant in plan.InTurn(contestants, round))
            {
                var before = contestant.Process!.Use.Cpu;
                var outcome = await load(contestant, plan.Turn);
                var cpu = contestant.Process.Use.Cpu - before;
                report.Add(Throughput, "requests/s", contestant.Name, outcome.PerSecond);
                report.Add(Cpu, "µs", contestant.Name, cpu.TotalMicroseconds / outcome.Requests);
                measured?.Invoke(contestant);
            }
        }
    }

    /// <summary>Loads each contestant until all that runs often is compiled for good.</summary>
    public static async Task WarmUpAsync(IReadOnlyList<Contestant> contestants, Plan plan, Func<Contestant, TimeSpan, Task<Outcome>> load)
    {
        foreach (var contestant in contestants)
        {
            for (var turn = 0; turn < plan.WarmUpTurns; turn++)
                await load(contestant, plan.WarmUpTurn);
        }
    }

    /// <summary>What is promised against a bare YARP, and how far it is to the others.</summary>
    public static void Judge(Report report, IReadOnlyList<Contestant> contestants)
    {
        report.Ratio(Throughput, Contestant.Wakegate, Contestant.Yarp, new(AtLeast: 0.95));
        report.Ratio(Cpu, Contestant.Wakegate, Contestant.Yarp, new(AtMost: 1.05));
        foreach (var other in contestants.Where(c => c.Name is not (Contestant.Direct or Contestant.Yarp or Contestant.Wakegate)))
        {
            report.Ratio(Throughput, Contestant.Wakegate, other.Name, Bound.None);
            report.Ratio(Cpu, Contestant.Wakegate, other.Name, Bound.None);
        }
    }
}
