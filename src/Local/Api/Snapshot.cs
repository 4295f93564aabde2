using System.Collections.Immutable;

namespace Wakegate.Local.Api;

/// <summary>All objects at one version.</summary>
internal sealed record Snapshot(long Version, ImmutableSortedDictionary<ObjectKey, StoredObject> Objects)
{
    public static Snapshot Empty { get; } = new(0, ImmutableSortedDictionary.Create<ObjectKey, StoredObject>(ObjectKey.Order));

    public StoredObject? Find(ObjectKey key) => Objects.GetValueOrDefault(key);

    /// <summary>The objects of a kind in order of their keys; of one namespace, or of all where it is null.</summary>
    public IEnumerable<StoredObject> List(ResourceKind kind, string? inNamespace) =>
        Objects.Values.Where(stored => stored.Key.IsIn(kind, inNamespace));
}
