namespace Wakegate.Local;

/// <summary>Finds the repository that we run from: above the working directory, else above our own build output.</summary>
internal static class SourceTree
{
    /// <summary>The nearest folder that holds this file or folder, or null.</summary>
    public static string? FolderWith(string path) =>
        Above(Environment.CurrentDirectory).Concat(Above(AppContext.BaseDirectory)).FirstOrDefault(folder => Path.Exists(Path.Combine(folder, path)));

    private static IEnumerable<string> Above(string folder)
    {
        for (var next = new DirectoryInfo(folder); next is not null; next = next.Parent)
            yield return next.FullName;
    }
}
