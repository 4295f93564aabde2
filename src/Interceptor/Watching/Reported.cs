using Wakegate.Contracts.Triggers;

namespace Wakegate.Interceptor.Watching;

/// <summary>What is wrong with one ScaledObject. Not thread-safe: used under the lock of <see cref="ScaledObjectEvents"/>.</summary>
internal sealed class Reported(string uid)
{
    private readonly Dictionary<string, IReadOnlyList<Refusal>> byTopic = [];
    private readonly Dictionary<(string Reason, string Key), string> lasting = [];

    public string Uid => uid;

    public IEnumerable<string> Topics => byTopic.Keys;

    /// <summary>For each reason and key, all that is wrong.</summary>
    public IEnumerable<KeyValuePair<(string Reason, string Key), string>> Lasting => lasting;

    /// <summary>Takes over what is wrong in one respect, and says which texts change by it: from null where there was none, to null where it is mended.</summary>
    public IReadOnlyList<(string Reason, string Key, string? Before, string? Now)> Change(string topic, IReadOnlyList<Refusal> problems)
    {
        var before = byTopic.GetValueOrDefault(topic) ?? [];
        if (before.SequenceEqual(problems))
        {
            return [];
        }

        if (problems.Count > 0)
        {
            byTopic[topic] = problems;
        }
        else
        {
            byTopic.Remove(topic);
        }

        var reason = ReasonOf(topic);
        return [.. before.Concat(problems).Select(p => p.Key).Distinct(StringComparer.Ordinal).Select(key => Change(reason, key)).Where(c => c.Before != c.Now)];
    }

    private (string Reason, string Key, string? Before, string? Now) Change(string reason, string key)
    {
        var before = lasting.GetValueOrDefault((reason, key));
        var messages = byTopic.Where(t => ReasonOf(t.Key) == reason).OrderBy(t => t.Key, StringComparer.Ordinal)
            .SelectMany(t => t.Value).Where(p => p.Key == key).Select(p => p.Message);
        var now = string.Join(' ', messages);
        if (now.Length == 0)
        {
            lasting.Remove((reason, key));
            return (reason, key, before, null);
        }

        lasting[(reason, key)] = now;
        return (reason, key, before, now);
    }

    private static string ReasonOf(string topic) => topic.Split(' ')[0];
}
