namespace Wakegate.Local.Api;

/// <summary>Which fields an object may have. Read by field validation, strategic merge and the OpenAPI documents alike.</summary>
/// <param name="Type">The JSON type, as OpenAPI names it; empty allows anything.</param>
internal sealed record Schema(string Type)
{
    public static Schema Any { get; } = new("");

    public static Schema Text { get; } = new("string");

    public static Schema Integer { get; } = new("integer");

    public static Schema Boolean { get; } = new("boolean");

    public static Schema TextMap { get; } = new("object") { Values = Text };

    /// <summary>The known fields of an object; null where there are none to know.</summary>
    public IReadOnlyDictionary<string, Schema>? Properties { get; init; }

    /// <summary>The type of every value of a map.</summary>
    public Schema? Values { get; init; }

    /// <summary>The type of every item of a list.</summary>
    public Schema? Items { get; init; }

    /// <summary>Fields that must be there.</summary>
    public string[] Required { get; init; } = [];

    /// <summary>The field by which a strategic merge matches items of this list; null where it replaces the list.</summary>
    public string? MergeKey { get; init; }

    public static Schema List(Schema items) => new("array") { Items = items };

    public static Schema Object(params (string Name, Schema Schema)[] properties) =>
        new("object") { Properties = properties.ToDictionary(property => property.Name, property => property.Schema, StringComparer.Ordinal) };
}
