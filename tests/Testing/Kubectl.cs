using System.Diagnostics;
using Xunit;

namespace Wakegate.Testing;

/// <summary>The real kubectl, with a home of its own: no kubeconfig, and no discovery cached from another test's API.</summary>
public sealed class Kubectl : IDisposable
{
    private readonly DirectoryInfo home = Directory.CreateTempSubdirectory("wakegate-kubectl");
    private readonly Uri server;

    private Kubectl(Uri server) => this.server = server;

    /// <summary>Skips the test where there is no kubectl; under CI that is a failure.</summary>
    public static Kubectl For(Uri server)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var isThere = folders.Any(folder => System.IO.File.Exists(Path.Combine(folder, "kubectl")));
        Assert.SkipUnless(isThere || Environment.GetEnvironmentVariable("CI") == "true", "There is no kubectl on the PATH.");
        return new Kubectl(server);
    }

    /// <summary>Writes a manifest, and answers with its path.</summary>
    public string File(string yaml)
    {
        var path = Path.Combine(home.FullName, "manifest.yaml");
        System.IO.File.WriteAllText(path, yaml);
        return path;
    }

    /// <summary>Runs a command that must succeed, and answers with what it printed.</summary>
    public async Task<string> RunAsync(params string[] arguments)
    {
        var (code, output, error) = await TryAsync(arguments);
        Assert.True(code == 0, $"kubectl {string.Join(' ', arguments)}: {error}{output}");
        return output;
    }

    /// <summary>Runs a command that may fail.</summary>
    public async Task<(int Code, string Output, string Error)> TryAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }

    /// <summary>Starts a command that does not end by itself; the caller kills it.</summary>
    public Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo("kubectl", [$"--server={server}", .. arguments])
    {
        UseShellExecute = false,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { ["HOME"] = home.FullName, ["KUBECONFIG"] = "/dev/null" },
    })!;

    /// <inheritdoc/>
    public void Dispose() => home.Delete(recursive: true);
}
