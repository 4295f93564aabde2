namespace Wakegate.Manifests.Tests;

/// <summary>A copy of manifests/ that a test changes as a user would.</summary>
internal sealed class ChangedManifests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("wakegate-").FullName;

    public ChangedManifests()
    {
        var source = Path.Combine(Manifest.Root, "manifests");
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    public void Change(string file, string from, string to)
    {
        var path = Path.Combine(folder, file);
        var text = File.ReadAllText(path);
        Assert.Contains(from, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(from, to, StringComparison.Ordinal));
    }

    public Task<Manifest> RenderAsync(string kustomization) => Manifest.OfAsync(Path.Combine(folder, kustomization));

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
