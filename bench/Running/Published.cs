using System.Runtime.InteropServices;
using Wakegate.Local;
using Wakegate.Local.Processes;

namespace Wakegate.Bench.Running;

/// <summary>Our services published as the images have them, rather than as a build leaves them.</summary>
internal static class Published
{
    /// <summary>Publishes the interceptor into a folder; gives the path of its program.</summary>
    public static async Task<string> InterceptorAsync(string folder)
    {
        const string Project = "src/Interceptor/Interceptor.csproj";
        var source = SourceTree.FolderWith(Project) ?? throw new BenchException("The source is needed to publish the interceptor.");
        await Child.RunAsync(
            DotnetProgram.Host, "publish", Path.Combine(source, Project), "--configuration", "Release", "--runtime", RuntimeInformation.RuntimeIdentifier, "--no-self-contained", "--output", folder);
        return Path.Combine(folder, "Wakegate.Interceptor.dll");
    }
}
