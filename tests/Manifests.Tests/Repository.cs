namespace Wakegate.Manifests.Tests;

/// <summary>Files of the repository that the tests run from.</summary>
internal static class Repository
{
    private static readonly string Root = FindRoot();

    public static string PathOf(string path) => Path.Combine(Root, path);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Wakegate.slnx")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }
}
