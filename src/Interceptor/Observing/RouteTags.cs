using System.Diagnostics.Metrics;
using Wakegate.Contracts.Triggers;

namespace Wakegate.Interceptor.Observing;

/// <summary>A route's tags on metrics, made once: every request needs them.</summary>
internal sealed class RouteTags(RouteId id)
{
    public KeyValuePair<string, object?> Namespace { get; } = new("namespace", id.Namespace);

    /// <summary>The ScaledObject's name, and after a slash the trigger's own, where it has one.</summary>
    public KeyValuePair<string, object?> Route { get; } = new("route", id.Route == id.ScaledObject ? id.Route : $"{id.ScaledObject}/{id.Route}");

    /// <summary>A measurement of this route.</summary>
    public Measurement<T> Measure<T>(T value)
        where T : struct => new(value, Namespace, Route);

    /// <summary>One that one more tag tells from its likes.</summary>
    public Measurement<T> Measure<T>(T value, string tag, string text)
        where T : struct => new(value, Namespace, Route, new(tag, text));
}
