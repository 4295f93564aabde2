namespace Wakegate.Contracts.Triggers;

/// <summary>What a host of a trigger matches.</summary>
public enum HostKind
{
    /// <summary>One host.</summary>
    Exact,

    /// <summary><c>*.example.com</c>: every host below, at any depth, but not <c>example.com</c> itself.</summary>
    Wildcard,

    /// <summary><c>*</c>: every host.</summary>
    Any,
}

/// <summary>One of a trigger's hosts.</summary>
/// <param name="Kind">What it matches.</param>
/// <param name="Name">Lower case, IDN as punycode, without port: the host, for a wildcard what follows <c>*.</c>, and empty for <c>*</c>.</param>
public readonly record struct HostPattern(HostKind Kind, string Name)
{
    /// <summary>As the user wrote it, normalised.</summary>
    public override string ToString() => Kind switch { HostKind.Exact => Name, HostKind.Wildcard => $"*.{Name}", _ => "*" };
}
