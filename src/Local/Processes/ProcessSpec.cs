namespace Wakegate.Local.Processes;

/// <summary>What to run.</summary>
/// <param name="Name">How it is called in messages.</param>
/// <param name="Command">The program and its arguments.</param>
internal sealed record ProcessSpec(string Name, IReadOnlyList<string> Command)
{
    /// <summary>Set on top of our own environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Where it runs; our own working directory where null.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>How long it may take to end when asked to, before it is killed.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>How a process ended.</summary>
/// <param name="Name">The process.</param>
/// <param name="Code">Its exit code; 128 and the signal's number where a signal ended it.</param>
/// <param name="LastLines">The last lines it wrote to its standard error, or where there are none, to its standard output.</param>
public sealed record ProcessExit(string Name, int Code, IReadOnlyList<string> LastLines)
{
    /// <summary>One sentence, and the lines below it.</summary>
    public override string ToString() => LastLines.Count == 0
        ? $"{Name} ended with exit code {Code} and said nothing."
        : $"{Name} ended with exit code {Code}. Its last lines:{string.Concat(LastLines.Select(line => $"{Environment.NewLine}    {line}"))}";
}
