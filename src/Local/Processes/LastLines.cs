namespace Wakegate.Local.Processes;

/// <summary>The last lines of an output, for when it turns out that they mattered.</summary>
internal sealed class LastLines(int capacity)
{
    // Guards lines: two pumps may write while someone reads.
    private readonly Lock gate = new();
    private readonly Queue<string> lines = new();

    public void Add(string line)
    {
        lock (gate)
        {
            if (lines.Count == capacity)
                lines.Dequeue();
            lines.Enqueue(line);
        }
    }

    public IReadOnlyList<string> ToList()
    {
        lock (gate)
            return [.. lines];
    }
}
