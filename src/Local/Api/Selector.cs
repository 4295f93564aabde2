using System.Text.Json;

namespace Wakegate.Local.Api;

/// <summary>Which objects a list or a watch is about: a label selector and a field selector, both of which must match.</summary>
internal sealed class Selector
{
    private readonly List<Predicate<JsonElement>> terms = [];

    private Selector()
    {
    }

    public bool Matches(StoredObject stored) => terms.TrueForAll(term => term(stored.Json));

    /// <summary>Reads the two query parameters; bad ones are refused as the real API server does.</summary>
    public static Outcome<Selector> Parse(ResourceKind kind, string? labels, string? fields)
    {
        var selector = new Selector();
        foreach (var term in LabelTerms.Split(labels))
        {
            if (LabelTerms.Parse(term) is not { } matches)
                return Failure.BadRequest($"unable to parse requirement: {term}");
            selector.terms.Add(matches);
        }

        foreach (var term in (fields ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (ParseField(term) is not var (path, value, equal))
                return Failure.BadRequest($"invalid field selector: {term}");
            if (path is not ("metadata.name" or "metadata.namespace") && !kind.Fields.Contains(path))
                return Failure.BadRequest($"field label not supported: {path}");
            selector.terms.Add(json => (json.Text(path) == value) == equal);
        }

        return selector;
    }

    private static (string Path, string Value, bool Equal)? ParseField(string term) => term.Split("!=") switch
    {
        [var path, var value] => (path, value, false),
        _ => term.Replace("==", "=", StringComparison.Ordinal).Split('=') switch
        {
            [var path, var value] => (path, value, true),
            _ => null,
        },
    };
}
