using System.Collections.Concurrent;
using System.Diagnostics;

namespace Wakegate.Testing;

/// <summary>A service as the process that it is in a pod, and what it writes.</summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    private readonly Process process;

    private ServiceProcess(Process process, bool unread)
    {
        this.process = process;
        if (unread)
            return;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>All lines, of both streams.</summary>
    public ConcurrentQueue<string> Lines { get; } = new();

    /// <summary>Whether it has ended, by itself or not.</summary>
    public bool HasExited => process.HasExited;

    /// <param name="program">The assembly's name, without the ending.</param>
    /// <param name="environment">Variables that it gets besides.</param>
    /// <param name="settings">Its command line.</param>
    /// <param name="unread">Whether nobody reads what it writes.</param>
    public static ServiceProcess Start(string program, IReadOnlyDictionary<string, string> environment, IEnumerable<string> settings, bool unread = false)
    {
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[] { "exec", Path.Combine(AppContext.BaseDirectory, $"{program}.dll") }.Concat(settings))
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        return new(Process.Start(start)!, unread);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is not null)
            Lines.Enqueue(line);
    }
}
