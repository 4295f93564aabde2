namespace Wakegate.Contracts.Triggers;

/// <summary>Reads one path prefix of a trigger.</summary>
internal static class PathPrefixes
{
    public static ItemReading<string> Read(string item)
    {
        if (item[0] != '/')
        {
            return ItemReading<string>.Bad("does not start with a slash", $"write {Refusal.Quoted($"/{item}")}");
        }

        if (item.AsSpan().ContainsAny('?', '#'))
        {
            return ItemReading<string>.Bad("has a query or a fragment", "give the path alone, which is all that is matched");
        }

        // Requests are matched decoded, with their dot segments resolved: such a prefix would never match.
        if (!TriggerKeys.PathPrefixes.Fits(item))
        {
            return ItemReading<string>.Bad("has an escape, a space or a control character", "write the path as it is when decoded, without spaces");
        }

        if (item.Split('/').Any(segment => segment is "." or ".."))
        {
            return ItemReading<string>.Bad("has a dot segment", "write the path that it leads to");
        }

        var trimmed = item.TrimEnd('/');
        return ItemReading<string>.Good(trimmed.Length == 0 ? "/" : trimmed);
    }
}
