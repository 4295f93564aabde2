using Wakegate.Contracts.Triggers;

namespace Wakegate.Contracts.Tests.Triggers;

public class ReferenceTests
{
    [Fact]
    public void TableOfKeysInTheReadme_IsTheParsersOwn()
    {
        var lines = File.ReadAllLines(Path.Combine(Root(), "README.md"));
        var rows = lines.SkipWhile(l => l != "| key | default | meaning |").Skip(2).TakeWhile(l => l.StartsWith('|')).ToList();

        Assert.Equal(TriggerKeys.All.Count, rows.Count);
        Assert.All(TriggerKeys.All, key =>
        {
            var value = key.Required ? "required" : key.Default is { } given ? $"`{given}`" : "–";
            Assert.Contains(rows, row => row.StartsWith($"| `{key.Name}` | {value} | {key.Meaning}", StringComparison.Ordinal));
        });
    }

    [Fact]
    public void TableOfValuesInTheReference_IsTheParsersOwn()
    {
        var lines = File.ReadAllLines(Path.Combine(Root(), "docs", "scaledobject.md"));
        var rows = lines.SkipWhile(l => l != "| key | give | default |").Skip(2).TakeWhile(l => l.StartsWith('|'));

        Assert.Equal(TriggerKeys.All.Select(key => $"| `{key.Name}` | {Values(key)} | {(key.Default is { } given ? $"`{given}`" : "–")} |"), rows);
    }

    private static string Values(TriggerKey key) => $"{key.Remedy["give ".Length..]}{(key.Required ? " (required)" : "")}";

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Wakegate.slnx")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }
}
