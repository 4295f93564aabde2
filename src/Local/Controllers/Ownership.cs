using k8s.Models;

namespace Wakegate.Local.Controllers;

/// <summary>Says that an object exists for another's sake.</summary>
internal static class Ownership
{
    // Items of a list do not say their own kind: the caller knows it.
    public static V1OwnerReference By(IMetadata<V1ObjectMeta> owner, string apiVersion, string kind) => new()
    {
        ApiVersion = apiVersion,
        Kind = kind,
        Name = owner.Metadata.Name,
        Uid = owner.Metadata.Uid,
        Controller = true,
        BlockOwnerDeletion = true,
    };
}
