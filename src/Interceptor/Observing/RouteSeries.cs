using System.Diagnostics.Metrics;

namespace Wakegate.Interceptor.Observing;

/// <summary>
/// How many series by route the instruments have room for. OpenTelemetry takes an instrument's memory as the instrument is made (92 bytes a
/// series, for each of its readers), and never gives a series' place to another. So they are made for the routes there are, and made anew
/// when more routes have come than that, be it that there are more or that others went.
/// </summary>
internal sealed class RouteSeries
{
    private const int FewestRoutes = 500;

    /// <summary>A route that has had requests has a few series of most instruments; those that have only one of it leave room.</summary>
    private const int SeriesOfARoute = 4;

    // Guards routes, places and taken; Outgrown is called within.
    private readonly Lock gate = new();
    private int routes;
    private int places = FewestRoutes;
    private int taken;

    /// <summary>Called when the instruments must be made anew.</summary>
    public Action Outgrown { get; set; } = static () => { };

    /// <summary>A route has appeared.</summary>
    public void Add()
    {
        lock (gate)
        {
            routes++;

            // In good time: an instrument that is full puts all that comes then into one series.
            if (++taken > places / 4 * 3)
            {
                (places, taken) = (Math.Max(FewestRoutes, 2 * routes), routes);
                Outgrown();
            }
        }
    }

    /// <summary>A route has gone; its places are still taken.</summary>
    public void Remove()
    {
        lock (gate)
        {
            routes--;
        }
    }

    /// <summary>How many series an instrument that is made now gets; null where it is none by route.</summary>
    public int? PlacesOf(Instrument instrument) =>
        instrument.Meter.Name is RouteGauges.MeterName or RouteHistograms.MeterName ? SeriesOfARoute * Volatile.Read(ref places) : null;
}
