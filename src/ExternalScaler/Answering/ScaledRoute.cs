using Wakegate.Contracts.Triggers;
using Wakegate.ExternalScaler.Protocol;

namespace Wakegate.ExternalScaler.Answering;

/// <summary>Which route KEDA asks about, and how it wants to be scaled: all of it from the ScaledObject's trigger, which KEDA sends with every call.</summary>
/// <param name="Id">The route's name in the ledger.</param>
/// <param name="Scaling">What to scale by, with defaults for what was refused.</param>
/// <param name="Refusals">What is wrong with the trigger's metadata.</param>
internal sealed record ScaledRoute(RouteId Id, ScalingSpec Scaling, IReadOnlyList<Refusal> Refusals)
{
    public static ScaledRoute Of(ScaledObjectRef scaledObject)
    {
        var parsed = TriggerParser.ParseScaling(scaledObject.Namespace, scaledObject.Name, scaledObject.ScalerMetadata.AsReadOnly());
        return new(new(scaledObject.Namespace, scaledObject.Name, parsed.Route), parsed.Scaling, parsed.Refusals);
    }
}
