namespace Wakegate.Bench.Figures;

/// <summary>All figures, in the order in which they are measured and shown.</summary>
internal static class Catalogue
{
    public static IReadOnlyList<IFigure> All { get; } =
    [
        new WarmFigure(),
        new LatencyFigure(),
        new H2cFigure(),
        new BodiesFigure(up: false),
        new BodiesFigure(up: true),
        new AllocationFigure(),
        new HeldFigure(),
        new EdgeFigure(),
        new EndpointFigure(),
        new ReleaseFigure(),
        new RoutesFigure(),
        new StartupFigure(),
        new IdleFigure(),
        new StreamsFigure(),
        new TuningFigure(),
    ];
}
