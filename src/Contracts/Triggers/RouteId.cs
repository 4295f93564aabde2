namespace Wakegate.Contracts.Triggers;

/// <summary>
/// Names one trigger of one ScaledObject for as long as it exists. Interceptor and scaler derive it independently, the one from the
/// ScaledObject, the other from KEDA's <c>ScaledObjectRef</c>, so it holds nothing but what both can see.
/// </summary>
/// <param name="Namespace">The ScaledObject's namespace.</param>
/// <param name="ScaledObject">The ScaledObject's name.</param>
/// <param name="Route">The trigger's <c>route</c>, by default the ScaledObject's name.</param>
public readonly record struct RouteId(string Namespace, string ScaledObject, string Route)
{
    /// <summary><c>namespace/scaledobject/route</c>; none of the three can contain a slash.</summary>
    public override string ToString() => $"{Namespace}/{ScaledObject}/{Route}";
}
