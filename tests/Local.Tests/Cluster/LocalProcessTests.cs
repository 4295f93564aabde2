using System.Diagnostics;
using System.Globalization;
using Wakegate.Local.Cluster;
using Wakegate.Local.Processes;
using Wakegate.Local.Redis;
using Wakegate.Testing;

namespace Wakegate.Local.Tests.Cluster;

/// <summary>Local as its user runs it: a process of its own, found by its ports.</summary>
public sealed class LocalProcessTests
{
    [Fact(Timeout = 120_000)]
    public async Task LocalKilled_LeavesNoProcess()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Processes are found by /proc, which only Linux has.");
        var offset = FreeOffset();
        using var local = Start(offset);
        var redis = new RedisAddress("127.0.0.1", LocalPorts.At(offset).Redis);
        await Eventually.TrueAsync(() => redis.AnswersAsync(TestContext.Current.CancellationToken));
        await Eventually.TrueAsync(() => Children(offset).Count > 0);

        local.Kill();

        await Eventually.TrueAsync(() => Children(offset).Count == 0);
        await Eventually.TrueAsync(async () => !await redis.AnswersAsync(TestContext.Current.CancellationToken));
    }

    [Fact(Timeout = 120_000)]
    public async Task ManifestThatIsNone_EndsLocalWithTheReason()
    {
        using var local = Start(FreeOffset(), "--apply", "no-such-file.yaml");

        var error = await local.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await local.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(1, local.ExitCode);
        Assert.StartsWith("no-such-file.yaml: cannot be read: ", error, StringComparison.Ordinal);
    }

    private static Process Start(int offset, params IEnumerable<string> options)
    {
        var command = DotnetProgram.Command("Local", ["--port-offset", offset.ToString(CultureInfo.InvariantCulture), .. options]);
        return Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { UseShellExecute = false, RedirectStandardError = true })!;
    }

    private static int FreeOffset()
    {
        while (true)
        {
            var offset = Random.Shared.Next(10_000, 20_000);
            try
            {
                LocalPorts.At(offset).ThrowIfTaken(startsRedis: true);
                return offset;
            }
            catch (LocalException)
            {
                // Another test has one of these.
            }
        }
    }

    /// <summary>Our own services among Local's children: their environment names its Redis.</summary>
    private static List<string> Children(int offset)
    {
        var mark = $"Redis__ConnectionString=127.0.0.1:{LocalPorts.At(offset).Redis}\0";
        return [.. Directory.EnumerateDirectories("/proc").Where(folder => EnvironmentOf(folder).Contains(mark, StringComparison.Ordinal))];
    }

    private static string EnvironmentOf(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "environ"));
        }
        catch (Exception notAProcess) when (notAProcess is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
