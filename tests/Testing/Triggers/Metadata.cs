namespace Wakegate.Testing.Triggers;

/// <summary>Metadata of triggers: the least that is valid, and one key away from it.</summary>
public static class Metadata
{
    public static IReadOnlyDictionary<string, string> Minimal { get; } =
        new Dictionary<string, string> { ["hosts"] = "shop.test", ["service"] = "shop", ["port"] = "80" };

    /// <summary>A null is how a YAML null arrives.</summary>
    public static IReadOnlyDictionary<string, string> With(string key, string? value) => new Dictionary<string, string>(Minimal) { [key] = value! };

    public static IReadOnlyDictionary<string, string> Without(string key) =>
        Minimal.Where(pair => pair.Key != key).ToDictionary();
}
