using System.Globalization;

namespace Wakegate.Contracts.Triggers;

/// <summary>Reads values by their keys' syntax and range, and collects what it refuses. A refused value reads as the key's default.</summary>
internal sealed class MetadataReader(IReadOnlyDictionary<string, string> metadata)
{
    private delegate bool Parse<T>(string text, out T value);

    private readonly List<Refusal> refusals = [];

    /// <summary>What was refused so far.</summary>
    public IReadOnlyList<Refusal> Refusals => refusals;

    /// <summary>All keys that the metadata has, known or not.</summary>
    public IEnumerable<string> Keys => metadata.Keys;

    public bool Has(TriggerKey key) => metadata.ContainsKey(key.Name);

    /// <summary>The value, trimmed, or null where the key is missing. A YAML null counts as empty.</summary>
    public string? Raw(string key) => metadata.TryGetValue(key, out var value) ? value?.Trim() ?? "" : null;

    /// <inheritdoc cref="Raw(string)"/>
    public string? Raw(TriggerKey key) => Raw(key.Name);

    public void Refuse(TriggerKey key, string? value, string problem, string? remedy = null) =>
        refusals.Add(Refusal.Of(key.Name, value, problem, remedy ?? key.Remedy));

    /// <summary>Refuses a key that is not in the table.</summary>
    public void RefuseUnknown(string key, string problem, string remedy) => refusals.Add(Refusal.Of(key, Raw(key), problem, remedy));

    public string? Text(TriggerKey key)
    {
        if (Given(key) is not { } value)
        {
            return key.Default;
        }

        if (key.Fits(value))
        {
            return value;
        }

        Refuse(key, value, key.Malformed);
        return key.Default;
    }

    public T Choice<T>(TriggerKey key)
        where T : struct, Enum
    {
        var value = Given(key) ?? key.Default;
        if (key.Choices.Contains(value, StringComparer.Ordinal))
        {
            return Enum.Parse<T>(value!, ignoreCase: true);
        }

        Refuse(key, value, key.Malformed);
        return default;
    }

    public int? WholeNumber(TriggerKey key) => (int?)Bounded<decimal>(key, TryParseNumber, n => n);

    public double? Number(TriggerKey key) => (double?)Bounded<decimal>(key, TryParseNumber, n => n);

    public TimeSpan Duration(TriggerKey key) =>
        Bounded<TimeSpan>(key, (string text, out TimeSpan value) => KubernetesDuration.TryParse(text, out value), d => (decimal)d.TotalSeconds)
            ?? default;

    /// <summary>A list's items, each read by <paramref name="read"/>; duplicates of what it returns are dropped.</summary>
    public IReadOnlyList<T> Items<T>(TriggerKey key, Func<string, ItemReading<T>> read)
    {
        var items = new List<T>();
        foreach (var item in (Given(key) ?? key.Default)?.Split(',', StringSplitOptions.TrimEntries) ?? [])
        {
            var reading = item.Length == 0 ? ItemReading<T>.Bad("has an empty entry") : read(item);
            if (reading.Problem is { } problem)
            {
                Refuse(key, item.Length == 0 ? Raw(key) : item, problem, reading.Remedy);
            }
            else if (!items.Contains(reading.Value!))
            {
                items.Add(reading.Value!);
            }
        }

        return items;
    }

    private static bool TryParseNumber(string text, out decimal value) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value);

    /// <summary>The value where there is one to read; refuses one that is empty, or missing and required.</summary>
    private string? Given(TriggerKey key)
    {
        var value = Raw(key);
        if (value is null && key.Required)
        {
            Refuse(key, null, "is missing");
        }
        else if (value is "")
        {
            Refuse(key, value, "is empty", key.Required ? key.Remedy : $"{key.Remedy}, or leave it out");
        }

        return value is "" ? null : value;
    }

    /// <summary>What fits the key's pattern but not the type is out of range: the patterns bound no length.</summary>
    private T? Bounded<T>(TriggerKey key, Parse<T> parse, Func<T, decimal> magnitude)
        where T : struct
    {
        if (Given(key) is { } value)
        {
            if (!key.Fits(value))
            {
                Refuse(key, value, key.Malformed);
            }
            else if (parse(value, out var parsed) && magnitude(parsed) >= key.Range!.Minimum && magnitude(parsed) <= key.Range.Maximum)
            {
                return parsed;
            }
            else
            {
                Refuse(key, value, "is out of range");
            }
        }

        return key.Default is { } fallback && parse(fallback, out var standard) ? standard : null;
    }
}

/// <summary>What became of one item of a list.</summary>
/// <param name="Value">The item, where there is no problem.</param>
/// <param name="Problem">What is wrong with it, to follow the item in a sentence.</param>
/// <param name="Remedy">What to do about it; the key's own remedy where null.</param>
internal readonly record struct ItemReading<T>(T? Value, string? Problem, string? Remedy)
{
    public static ItemReading<T> Good(T value) => new(value, null, null);

    public static ItemReading<T> Bad(string problem, string? remedy = null) => new(default, problem, remedy);
}
