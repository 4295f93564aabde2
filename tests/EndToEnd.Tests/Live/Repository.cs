using Wakegate.Local;

namespace Wakegate.EndToEnd.Tests.Live;

/// <summary>The repository that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } =
        SourceTree.FolderWith("Wakegate.slnx") ?? throw new InvalidOperationException("There is no repository above the tests.");
}
