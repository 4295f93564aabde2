namespace Wakegate.Contracts.Triggers;

/// <summary>Refuses keys that are not in the table: a misspelt key that is silently ignored would be searched for hours.</summary>
internal static class UnknownKeys
{
    private const string FromEnv = "FromEnv";

    private static readonly HashSet<string> Known =
        [.. TriggerKeys.All.Select(key => key.Name), .. TriggerKeys.OfKeda];

    public static void Refuse(MetadataReader reader)
    {
        foreach (var key in reader.Keys.Where(key => !Known.Contains(key)).Order(StringComparer.Ordinal))
        {
            if (key.EndsWith(FromEnv, StringComparison.Ordinal) && Known.Contains(key[..^FromEnv.Length]))
            {
                reader.RefuseUnknown(key, "is not supported, since KEDA resolves it for the scaler only", $"give {key[..^FromEnv.Length]} and its value instead");
            }
            else
            {
                reader.RefuseUnknown(key, "is not a known key", Closest(key) is { } meant ? $"did you mean {meant}?" : $"remove it, or use one of {Names}");
            }
        }
    }

    private static string Names => string.Join(", ", TriggerKeys.All.Select(key => key.Name));

    /// <summary>The known key that a third of the letters, wrong, missing or swapped, could have been; case does not count.</summary>
    private static string? Closest(string key)
    {
        // Longer than any key can be mistyped: keeps the cost bounded, whatever someone pastes in.
        if (key.Length > 40)
        {
            return null;
        }

        var (distance, name) = TriggerKeys.All.Select(known => (Distance(key.ToUpperInvariant(), known.Name.ToUpperInvariant()), known.Name)).Min();
        return distance <= Math.Max(1, name.Length / 3) ? name : null;
    }

    /// <summary>Levenshtein's distance, one row at a time.</summary>
    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var substituted = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
