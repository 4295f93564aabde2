using System.Text.Json.Nodes;

namespace Wakegate.Local.Api;

/// <summary>What is to become of an object, decided from its present state.</summary>
internal abstract record Change
{
    /// <summary>It becomes this. The store sets its resourceVersion.</summary>
    public sealed record Put(JsonObject Json) : Change;

    /// <summary>It goes; watchers see this as its last state.</summary>
    public sealed record Remove(JsonObject Last) : Change;

    /// <summary>It stays as it is, and the caller is told why.</summary>
    public sealed record Refuse(Failure Failure) : Change;

    public static implicit operator Change(Failure failure) => new Refuse(failure);
}
