using System.Diagnostics;
using Xunit;

namespace Wakegate.Testing;

/// <summary>Prometheus's own programs, as Debian's package <c>prometheus</c> has them.</summary>
public static class PrometheusTools
{
    /// <summary>Skips the test where the program is not on the PATH; under CI that is a failure.</summary>
    /// <param name="program"><c>prometheus</c> or <c>promtool</c>.</param>
    public static void Require(string program)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var isThere = folders.Any(folder => File.Exists(Path.Combine(folder, program)));
        Assert.SkipUnless(isThere || Environment.GetEnvironmentVariable("CI") == "true", $"There is no {program} on the PATH; Debian's package prometheus has it.");
    }

    /// <summary>Runs promtool, which must be content; answers with what it said.</summary>
    /// <param name="folder">Where it runs.</param>
    /// <param name="arguments">Its command line.</param>
    public static async Task<string> PromtoolAsync(string folder, params IEnumerable<string> arguments)
    {
        Require("promtool");
        using var promtool = Process.Start(new ProcessStartInfo("promtool", arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        })!;
        var output = promtool.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = promtool.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await promtool.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(promtool.ExitCode == 0, $"promtool {string.Join(' ', arguments)}: {await errors}{await output}");
        return await output;
    }
}
