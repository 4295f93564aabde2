using System.CommandLine;
using System.Diagnostics;

namespace Wakegate.Manifests;

/// <summary><c>install</c>: renders manifests/ into manifests/install.yaml, for those who would rather apply one file.</summary>
internal static class InstallCommand
{
    private const string Output = "manifests/install.yaml";

    private const string Header = """
        # All of Wakegate, in namespace wakegate: kubectl apply -f manifests/install.yaml
        # Rendered from manifests/kustomization.yaml by `task manifests`. Do not edit.

        """;

    public static Command Build()
    {
        var check = new Option<bool>("--check") { Description = "Writes nothing; fails where the file is not current." };
        var command = new Command("install", $"Renders {Output}.") { check };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(check), cancellation));
        return command;
    }

    /// <summary>What the file should say.</summary>
    /// <exception cref="InvalidOperationException">kubectl cannot render it, or is not there; the message says why.</exception>
    public static async Task<string> RenderAsync(string folder, CancellationToken cancellation)
    {
        try
        {
            using var kubectl = Process.Start(new ProcessStartInfo("kubectl", ["kustomize", folder])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var output = kubectl.StandardOutput.ReadToEndAsync(cancellation);
            var error = kubectl.StandardError.ReadToEndAsync(cancellation);
            await kubectl.WaitForExitAsync(cancellation);
            return kubectl.ExitCode == 0 ? Header + await output : throw new InvalidOperationException($"{folder} cannot be rendered: {await error}");
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new InvalidOperationException($"There is no kubectl to render {folder} with: {missing.Message}", missing);
        }
    }

    private static async Task<int> RunAsync(bool check, CancellationToken cancellation)
    {
        try
        {
            return await GeneratedFile.WriteOrCheckAsync(Output, await RenderAsync("manifests", cancellation), "install", check, cancellation);
        }
        catch (InvalidOperationException failed)
        {
            await Console.Error.WriteLineAsync(failed.Message);
            return 1;
        }
    }
}
