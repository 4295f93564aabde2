namespace Wakegate.Local.Api;

/// <summary>One kind of object that the API serves, and how it differs from the others.</summary>
internal sealed record ResourceKind(string Group, string Version, string Kind, string Plural)
{
    /// <summary>What <c>kubectl get</c> also accepts for the plural.</summary>
    public string[] ShortNames { get; init; } = [];

    /// <summary>Whether <c>kubectl get all</c> is about it too.</summary>
    public bool IsInAll { get; init; }

    /// <summary>False for Namespaces alone.</summary>
    public bool Namespaced { get; init; } = true;

    /// <summary>True where <c>metadata.generation</c> counts changes of the spec.</summary>
    public bool HasGeneration { get; init; }

    /// <summary>True where status is written only through its subresource, and spec never is.</summary>
    public bool HasStatus { get; init; }

    /// <summary>True where replicas are also read and written through the <c>scale</c> subresource.</summary>
    public bool HasScale { get; init; }

    /// <summary>True where the answer to a delete is the object and not a Status.</summary>
    public bool ReturnsDeleted { get; init; }

    /// <summary>True for kinds that a CustomResourceDefinition would bring: they know no strategic merge patch.</summary>
    public bool IsCustom { get; init; }

    /// <summary>Field selectors beyond <c>metadata.name</c> and <c>metadata.namespace</c>.</summary>
    public string[] Fields { get; init; } = [];

    /// <summary>What <c>kubectl get</c> prints.</summary>
    public Column[] Columns { get; init; } = [];

    /// <summary>The fields an object may have.</summary>
    public required Schema Schema { get; init; }

    /// <summary><c>v1</c> or <c>apps/v1</c>.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary><c>pods</c> or <c>deployments.apps</c>, as error messages have it.</summary>
    public string QualifiedPlural => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary><c>Pod</c> or <c>Deployment.apps</c>, as error messages have it.</summary>
    public string QualifiedKind => Group.Length == 0 ? Kind : $"{Kind}.{Group}";

    /// <summary>A table's entries are the only instances.</summary>
    public bool Equals(ResourceKind? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}
