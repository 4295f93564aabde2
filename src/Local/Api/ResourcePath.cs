namespace Wakegate.Local.Api;

/// <summary>What a URL names: a kind's objects, in one namespace or all, or one of them, or a part of one.</summary>
internal sealed record ResourcePath(ResourceKind Kind, string? Namespace, string? Name, string? Subresource)
{
    /// <summary>The one object that is named. Only where <see cref="Name"/> is set.</summary>
    public ObjectKey Key => new(Kind, Namespace ?? "", Name!);

    /// <summary>Null where the path names nothing that is served.</summary>
    public static ResourcePath? Parse(PathString path)
    {
        var parts = (path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts switch
        {
            ["api", var version, .. var rest] => Parse("", version, rest),
            ["apis", var group, var version, .. var rest] => Parse(group, version, rest),
            _ => null,
        };
    }

    // A namespace is itself an object: /namespaces/x is the object, /namespaces/x/pods what is in it.
    private static ResourcePath? Parse(string group, string version, string[] rest) => rest switch
    {
        ["namespaces", var inNamespace, not "status" and var plural, .. var tail] => Parse(group, version, plural, inNamespace, tail),
        [var plural, .. var tail] => Parse(group, version, plural, null, tail),
        _ => null,
    };

    private static ResourcePath? Parse(string group, string version, string plural, string? inNamespace, string[] tail)
    {
        if (ResourceKinds.Find(group, version, plural) is not { } kind || tail.Length > 2)
            return null;
        if (kind.Namespaced ? inNamespace is null && tail.Length > 0 : inNamespace is not null)
            return null;
        var subresource = tail.ElementAtOrDefault(1);
        if (subresource is not null && !(subresource is "status" && kind.HasStatus) && !(subresource is "scale" && kind.HasScale))
            return null;
        return new ResourcePath(kind, inNamespace, tail.ElementAtOrDefault(0), subresource);
    }
}
