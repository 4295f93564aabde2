using System.Runtime.InteropServices;
using Wakegate.Local;
using Wakegate.Local.Processes;

namespace Wakegate.Bench.Running;

/// <summary>Our services published as the images have them, rather than as a build leaves them.</summary>
internal static class Published
{
    /// <summary>Publishes the interceptor into a folder, as the image has it; gives the command that runs it.</summary>
    public static async Task<IReadOnlyList<string>> InterceptorAsync(string folder)
    {
        await PublishAsync(folder, "--no-self-contained");
        return [DotnetProgram.Host, Path.Combine(folder, "Wakegate.Interceptor.dll")];
    }

    /// <summary>The same with the runtime beside it, and all of that compiled as one.</summary>
    public static async Task<IReadOnlyList<string>> CompositeInterceptorAsync(string folder)
    {
        await PublishAsync(folder, "--self-contained", "-p:PublishReadyToRunComposite=true");
        return [Path.Combine(folder, "Wakegate.Interceptor")];
    }

    private static async Task PublishAsync(string folder, params string[] options)
    {
        const string Project = "src/Interceptor/Interceptor.csproj";
        var source = SourceTree.FolderWith(Project) ?? throw new BenchException("The source is needed to publish the interceptor.");
        await Child.RunAsync(
            [DotnetProgram.Host, "publish", Path.Combine(source, Project), "--configuration", "Release", "--runtime", RuntimeInformation.RuntimeIdentifier, "--output", folder, .. options]);
    }
}
