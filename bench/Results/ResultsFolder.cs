using System.Text.Encodings.Web;
using System.Text.Json;
using Wakegate.Bench.Figures;

namespace Wakegate.Bench.Results;

/// <summary>
/// Where results are kept: a JSON file and a plot a figure, and one table over all. A figure that is measured again replaces its own alone.
/// </summary>
internal sealed class ResultsFolder(string? folder)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly string folder = folder ?? Path.Combine(BenchFolder(), "results");

    public async Task WriteAsync(Figure figure, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(PathOf(figure.Name, "json"), JsonSerializer.Serialize(figure, Json) + "\n", cancellation);
        await File.WriteAllTextAsync(PathOf(figure.Name, "svg"), Plot.Of(figure), cancellation);
        await File.WriteAllTextAsync(Path.Combine(folder, "README.md"), Markdown.Of(Read()), cancellation);
    }

    /// <summary>The last of each figure, in the catalogue's order.</summary>
    private List<Figure> Read() =>
    [
        .. Catalogue.All.Select(f => PathOf(f.Name, "json")).Where(File.Exists)
            .Select(path => JsonSerializer.Deserialize<Figure>(File.ReadAllText(path), Json)!),
    ];

    private string PathOf(string figure, string extension) => Path.Combine(folder, $"{figure}.{extension}");

    private static string BenchFolder()
    {
        for (var up = new DirectoryInfo(AppContext.BaseDirectory); up is not null; up = up.Parent)
        {
            if (File.Exists(Path.Combine(up.FullName, "Wakegate.slnx")))
                return Path.Combine(up.FullName, "bench");
        }

        return Environment.CurrentDirectory;
    }
}
