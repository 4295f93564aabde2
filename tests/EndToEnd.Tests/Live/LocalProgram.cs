using System.Diagnostics;
using System.Globalization;
using Wakegate.Local;
using Wakegate.Local.Cluster;
using Wakegate.Local.Processes;
using Wakegate.Testing;

namespace Wakegate.EndToEnd.Tests.Live;

/// <summary>Local as its user starts it: a process with a command line, a terminal's two streams, and signals.</summary>
internal sealed class LocalProgram : IDisposable
{
    private const string Mark = "WAKEGATE_TEST_RUN";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly string run = Guid.NewGuid().ToString("N");
    private readonly Process process;
    private readonly List<string> lines = [];

    // Guards lines.
    private readonly Lock gate = new();

    private LocalProgram(int offset, IEnumerable<string> arguments)
    {
        Ports = LocalPorts.At(offset);
        // In a process group of its own, as a shell would start it. macOS has no setsid.
        IReadOnlyList<string> command =
        [
            .. OperatingSystem.IsLinux() ? ["setsid"] : Array.Empty<string>(),
            .. DotnetProgram.Command("Local", ["--port-offset", offset.ToString(CultureInfo.InvariantCulture), .. arguments]),
        ];
        process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1))
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Repository.Root,
            Environment = { [Mark] = run },
        })!;
        process.OutputDataReceived += (_, said) => Hear(said.Data);
        process.BeginOutputReadLine();
        Errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    public LocalPorts Ports { get; }

    /// <summary>Completes with all of its standard error when it has ended.</summary>
    public Task<string> Errors { get; }

    /// <summary>Starts it on ports of its own, or on those of another.</summary>
    public static LocalProgram Start(int? offset = null, params IEnumerable<string> arguments) => new(offset ?? FreeOffset(), arguments);

    /// <summary>The line that says that it is ready, however long it takes to start.</summary>
    public async Task<string> ReadyAsync()
    {
        string? ready;
        while ((ready = Line("Ready.")) is null && !process.HasExited)
            await Task.Delay(Pause, TimeProvider.System, TestContext.Current.CancellationToken);
        return ready ?? throw new InvalidOperationException(await Errors);
    }

    /// <summary>Ctrl+C: a terminal sends SIGINT to the whole process group, also to what Local started.</summary>
    public Task<int> InterruptAsync() => EndAsync("INT", OperatingSystem.IsLinux() ? -process.Id : process.Id);

    /// <summary>SIGTERM to Local alone, as an init system does.</summary>
    public Task<int> TerminateAsync() => EndAsync("TERM", process.Id);

    /// <summary>Its exit code, once it has ended.</summary>
    public async Task<int> EndedAsync()
    {
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode;
    }

    /// <summary>Everything that it started and that still runs, by its command line.</summary>
    public IReadOnlyList<(int Id, string Command)> Descendants()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Processes are found by /proc, which only Linux has.");
        var all = Process.GetProcesses().Select(other => other.Id).Where(id => id != process.Id).ToList();
        // What it starts inherits its environment; Redis writes its title over that, but is the child of one that does not.
        var marked = all.Where(id => Read(id, "environ").Contains($"{Mark}={run}\0", StringComparison.Ordinal)).ToHashSet();
        return
        [
            .. all.Where(id => marked.Contains(id) || marked.Contains(ParentOf(id))).Select(id => (id, Read(id, "cmdline").Replace('\0', ' '))),
        ];
    }

    /// <summary>Fails where something that it started still runs, or still has its port.</summary>
    public async Task AssertNothingIsLeftAsync()
    {
        // A guard kills what is left without waiting for its end.
        await Eventually.TrueAsync(() => Descendants().Count == 0);
        Ports.ThrowIfTaken(startsRedis: true);
    }

    /// <summary>Where a test failed: with its pipe, its children end too.</summary>
    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();
        process.Dispose();
    }

    private async Task<int> EndAsync(string signal, int target)
    {
        using var kill = Process.Start("kill", ["-s", signal, "--", target.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        return await EndedAsync();
    }

    private void Hear(string? line)
    {
        lock (gate)
            lines.Add(line ?? "");
    }

    private string? Line(string start)
    {
        lock (gate)
            return lines.Find(line => line.TrimStart().StartsWith(start, StringComparison.Ordinal));
    }

    private static int FreeOffset()
    {
        while (true)
        {
            // Below the range from which the system serves whoever asks for any port.
            var offset = Random.Shared.Next(2_000, 20_000);
            try
            {
                LocalPorts.At(offset).ThrowIfTaken(startsRedis: true);
                return offset;
            }
            catch (LocalException)
            {
                // Someone has one of these.
            }
        }
    }

    // After the name, which is in parentheses and may hold anything: the state, then the parent.
    private static int ParentOf(int id) =>
        Read(id, "stat") is { Length: > 0 } stat
            ? int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture)
            : 0;

    private static string Read(int id, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/{file}");
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
