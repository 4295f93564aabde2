namespace Wakegate.Bench.Figures;

/// <summary>All figures, in the order in which they are measured and shown.</summary>
internal static class Catalogue
{
    public static IReadOnlyList<IFigure> All { get; } =
    [
        new WarmFigure(),
        new H2cFigure(),
        new AllocationFigure(),
        new HeldFigure(),
        new EdgeFigure(),
        new EndpointFigure(),
        new ReleaseFigure(),
    ];
}
