namespace Wakegate.Local.Api;

/// <summary>Names one object.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Namespace">Empty for kinds without a namespace.</param>
/// <param name="Name">Its name.</param>
internal readonly record struct ObjectKey(ResourceKind Kind, string Namespace, string Name)
{
    /// <summary>The order of lists: by kind, namespace and name.</summary>
    public static Comparer<ObjectKey> Order { get; } = Comparer<ObjectKey>.Create((a, b) =>
    {
        var order = string.CompareOrdinal(a.Kind.QualifiedPlural, b.Kind.QualifiedPlural);
        if (order == 0)
            order = string.CompareOrdinal(a.Namespace, b.Namespace);
        return order != 0 ? order : string.CompareOrdinal(a.Name, b.Name);
    });

    /// <summary>Whether this is one of a kind's objects in a namespace, or, where that is null, in any.</summary>
    public bool IsIn(ResourceKind kind, string? inNamespace) =>
        Kind == kind && (inNamespace is null || Namespace == inNamespace);
}
