using System.Runtime.InteropServices;

namespace Wakegate.Local.Processes;

/// <summary>How to run one of our own projects: its build output lies beside ours.</summary>
internal static class DotnetProgram
{
    /// <summary>The <c>dotnet</c> that runs us, also where it is not on the PATH.</summary>
    public static string Host { get; } = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet"));

    /// <summary>The command for a project of ours.</summary>
    /// <param name="project">Its name, such as <c>Interceptor</c>.</param>
    /// <param name="arguments">What follows on the command line.</param>
    public static IReadOnlyList<string> Command(string project, params IEnumerable<string> arguments) =>
        [Host, Path.Combine(AppContext.BaseDirectory, $"Wakegate.{project}.dll"), .. arguments];
}
