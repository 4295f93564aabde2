namespace Wakegate.Contracts.Triggers;

/// <summary>Reads one header condition of a trigger. One reader serves one list, for a name may occur once.</summary>
internal sealed class HeaderConditions
{
    private readonly HashSet<string> names = new(StringComparer.OrdinalIgnoreCase);

    public ItemReading<HeaderCondition> Read(string item)
    {
        var equals = item.IndexOf('=', StringComparison.Ordinal);
        var name = (equals < 0 ? item : item[..equals]).TrimEnd();
        var value = equals < 0 ? null : item[(equals + 1)..].TrimStart();
        if (value is "")
        {
            return ItemReading<HeaderCondition>.Bad("has no value", $"write {Refusal.Quoted(name)} alone for any value");
        }

        if (!TriggerKeys.Headers.Fits(item))
        {
            return ItemReading<HeaderCondition>.Bad("is not a header condition");
        }

        return names.Add(name)
            ? ItemReading<HeaderCondition>.Good(new(name, value))
            : ItemReading<HeaderCondition>.Bad("names a header for the second time", "give one condition for each header, for all must match");
    }
}
