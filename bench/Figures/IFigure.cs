using Wakegate.Bench.Results;
using Wakegate.Bench.Running;

namespace Wakegate.Bench.Figures;

/// <summary>One thing that is measured.</summary>
internal interface IFigure
{
    /// <summary>As the command line names it.</summary>
    public string Name { get; }

    public string Title { get; }

    public Task MeasureAsync(Stage stage, Plan plan, Report report, CancellationToken cancellation);
}
