using System.Diagnostics;
using System.Globalization;
using Wakegate.Local.Processes;
using Wakegate.Testing;

namespace Wakegate.Local.Tests.Processes;

public sealed class GuardTests
{
    [Fact(Timeout = 60_000)]
    public async Task ParentKilled_LeavesNoProcess()
    {
        using var folder = new TemporaryFolder();
        // The first process of the pipeline plays Local: it holds the pipe, and dies without a word.
        using var parent = Process.Start(new ProcessStartInfo("/bin/sh")
        {
            UseShellExecute = false,
            ArgumentList =
            {
                "-c",
                "sh -c 'echo $$ >parent; exec sleep 999' | sh -c \"$0\" guard 1 sh -c 'sleep 998 & echo $! >grandchild; echo $$ >child; trap \"\" TERM; wait; sleep 997'",
                GuardedProcess.Script,
            },
            WorkingDirectory = folder.Path,
        })!;
        var holder = await PidAsync(folder, "parent");
        var child = await PidAsync(folder, "child");
        var grandchild = await PidAsync(folder, "grandchild");

        Process.GetProcessById(holder).Kill();

        await Eventually.TrueAsync(() => !IsAlive(child) && !IsAlive(grandchild));
        await parent.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    [Fact(Timeout = 60_000)]
    public async Task EndOfItsOwn_TellsTheCodeAndTheLastLines()
    {
        await using var process = GuardedProcess.Start(Shell("echo fine; echo one >&2; echo two >&2; exit 7"));

        var exit = await process.Exited;

        Assert.Equal(7, exit.Code);
        Assert.Equal($"shell ended with exit code 7. Its last lines:{Environment.NewLine}    one{Environment.NewLine}    two", exit.ToString());
    }

    [Fact(Timeout = 60_000)]
    public async Task EndOfItsOwn_TakesWhatItStartedWithIt()
    {
        using var folder = new TemporaryFolder();
        await using var process = GuardedProcess.Start(Shell("sleep 996 & echo $! >left") with { WorkingDirectory = folder.Path });

        await process.Exited;

        var left = await PidAsync(folder, "left");
        await Eventually.TrueAsync(() => !IsAlive(left));
    }

    [Fact(Timeout = 60_000)]
    public async Task Stop_LetsItEndByItself()
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var spec = Shell("trap 'exit 3' TERM; echo ready; while :; do sleep 0.1; done") with { Grace = TimeSpan.FromSeconds(60) };
        await using var process = GuardedProcess.Start(spec, _ => ready.TrySetResult());
        await ready.Task;

        var exit = await process.StopAsync();

        Assert.Equal(3, exit.Code);
    }

    [Fact(Timeout = 60_000)]
    public async Task StopOfAStubbornOne_KillsItAfterItsGrace()
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var spec = Shell("trap '' TERM; echo ready; while :; do sleep 0.1; done") with { Grace = TimeSpan.FromSeconds(1) };
        await using var process = GuardedProcess.Start(spec, _ => ready.TrySetResult());
        await ready.Task;

        var exit = await process.StopAsync();

        Assert.Equal(137, exit.Code);
    }

    [Fact(Timeout = 60_000)]
    public async Task StopOfAStalledOne_EndsIt()
    {
        await using var process = GuardedProcess.Start(new("sleep", ["sleep", "995"]));
        await process.SignalAsync("STOP");

        var exit = await process.StopAsync();

        Assert.Equal(143, exit.Code);
    }

    [Fact(Timeout = 60_000)]
    public async Task SignalByName_IsSent()
    {
        var up = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var process = GuardedProcess.Start(Shell("echo up; exec sleep 994"), _ => up.TrySetResult());
        await up.Task.WaitAsync(TestContext.Current.CancellationToken);

        await process.SignalAsync("KILL");

        Assert.Equal(137, (await process.Exited).Code);
        await process.SignalAsync("KILL");
    }

    [Fact(Timeout = 60_000)]
    public async Task UnknownCommand_EndsAtOnceAndSaysSo()
    {
        await using var process = GuardedProcess.Start(new("nothing", ["/no/such/program"]));

        var exit = await process.Exited;

        Assert.Equal(127, exit.Code);
        Assert.Contains("/no/such/program", exit.ToString(), StringComparison.Ordinal);
    }

    private static ProcessSpec Shell(string script) => new("shell", ["/bin/sh", "-c", script]);

    private static async Task<int> PidAsync(TemporaryFolder folder, string name)
    {
        var file = Path.Combine(folder.Path, name);
        await Eventually.TrueAsync(() => File.Exists(file) && File.ReadAllText(file).EndsWith('\n'));
        return int.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), CultureInfo.InvariantCulture);
    }

    // A zombie is dead: it waits only to be counted.
    private static bool IsAlive(int pid)
    {
        try
        {
            return !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
