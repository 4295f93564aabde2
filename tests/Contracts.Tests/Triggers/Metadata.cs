namespace Wakegate.Contracts.Tests.Triggers;

internal static class Metadata
{
    public static IReadOnlyDictionary<string, string> Minimal { get; } =
        new Dictionary<string, string> { ["hosts"] = "shop.test", ["service"] = "shop", ["port"] = "80" };

    public static IReadOnlyDictionary<string, string> With(string key, string value) => new Dictionary<string, string>(Minimal) { [key] = value };

    public static IReadOnlyDictionary<string, string> Without(string key) =>
        Minimal.Where(pair => pair.Key != key).ToDictionary();
}
