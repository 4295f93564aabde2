using System.Diagnostics;
using System.Globalization;

namespace Wakegate.Local.Processes;

/// <summary>
/// A child process that cannot outlive us. It runs under a small shell script, the guard, that ends it when the pipe from us closes: at
/// <see cref="StopAsync"/>, and just so when we crash or are killed.
/// </summary>
internal sealed class GuardedProcess : IAsyncDisposable
{
    private readonly Process guard;
    private readonly LastLines errors = new(20);
    private readonly LastLines outputs = new(5);
    private readonly SemaphoreSlim signalling = new(1);

    private GuardedProcess(ProcessSpec spec, Process guard, Action<string>? output)
    {
        this.guard = guard;
        Exited = FollowAsync(spec.Name, output);
    }

    /// <summary>Completes when the process has ended, whoever ended it.</summary>
    public Task<ProcessExit> Exited { get; }

    /// <summary>The same, for those who only wait.</summary>
    public Task Ended => Exited;

    /// <summary>The guard's script.</summary>
    internal static string Script { get; } = ReadScript();

    /// <summary>Starts a process.</summary>
    /// <param name="spec">What to run. A command that cannot be found ends at once with exit code 127.</param>
    /// <param name="output">Gets each line of its standard output.</param>
    public static GuardedProcess Start(ProcessSpec spec, Action<string>? output = null)
    {
        var start = new ProcessStartInfo("/bin/sh")
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = spec.WorkingDirectory ?? "",
        };
        var grace = Math.Ceiling(spec.Grace.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        foreach (var argument in (IEnumerable<string>)["-c", Script, "guard", grace, .. spec.Command])
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in spec.Environment)
            start.Environment[name] = value;

        return new GuardedProcess(spec, Process.Start(start)!, output);
    }

    /// <summary>Sends a signal to the process and all that it started; nothing where it has ended.</summary>
    /// <param name="signal">Its name without SIG, such as <c>KILL</c> or <c>STOP</c>.</param>
    public async Task SignalAsync(string signal)
    {
        await signalling.WaitAsync();
        try
        {
            await guard.StandardInput.WriteLineAsync(signal);
            await guard.StandardInput.FlushAsync();
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            // It ended, or is being stopped.
        }
        finally
        {
            signalling.Release();
        }
    }

    /// <summary>Asks it to end with SIGTERM, kills it when its grace is over, and waits until it is gone.</summary>
    public async Task<ProcessExit> StopAsync()
    {
        await signalling.WaitAsync();
        try
        {
            guard.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended by itself.
        }
        finally
        {
            signalling.Release();
        }

        return await Exited;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        guard.Dispose();
    }

    private async Task<ProcessExit> FollowAsync(string name, Action<string>? output)
    {
        var pumps = Task.WhenAll(
            PumpAsync(guard.StandardOutput, line =>
            {
                outputs.Add(line);
                output?.Invoke(line);
            }),
            PumpAsync(guard.StandardError, errors.Add));
        await guard.WaitForExitAsync(CancellationToken.None);
        // Whoever fled from the guard's reach may hold the pipes open for ever.
        await Task.WhenAny(pumps, Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System));
        return new ProcessExit(name, guard.ExitCode, errors.ToList() is { Count: > 0 } said ? said : outputs.ToList());
    }

    private static async Task PumpAsync(StreamReader reader, Action<string> add)
    {
        while (await reader.ReadLineAsync() is { } line)
            add(line);
    }

    private static string ReadScript()
    {
        using var stream = typeof(GuardedProcess).Assembly.GetManifestResourceStream("guard.sh")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
