using Wakegate.Bench.Results;
using Wakegate.Bench.Running;

namespace Wakegate.Bench.Figures;

/// <summary>One thing that is measured.</summary>
internal interface IFigure
{
    /// <summary>As the command line names it.</summary>
    public string Name { get; }

    public string Title { get; }

    /// <summary>
    /// Over how many starts of all processes the rounds are spread. The runtime compiles by what it sees, not twice the same: some processes take a tenth more of the
    /// processor than others, for as long as they live.
    /// </summary>
    public int Starts => 1;

    /// <summary>How much is measured where the command line does not say.</summary>
    public Plan Plan => new(Rounds: 5, TimeSpan.FromSeconds(5));

    public Task MeasureAsync(Stage stage, Plan plan, Report report, CancellationToken cancellation);
}
