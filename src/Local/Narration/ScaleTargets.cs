using Wakegate.Local.Api;

namespace Wakegate.Local.Narration;

/// <summary>Which Deployment a ScaledObject scales, so that what KEDA does and what pods do is told as one story.</summary>
internal sealed class ScaleTargets(InMemoryApi api)
{
    /// <summary><c>namespace/deployment</c>; the ScaledObject's own name where it is gone.</summary>
    public string Of(string ns, string scaledObject)
    {
        var stored = api.Store.Current.Find(new ObjectKey(ResourceKinds.ScaledObject, ns, scaledObject));
        return $"{ns}/{stored?.Json.Text("spec.scaleTargetRef.name") ?? scaledObject}";
    }
}
