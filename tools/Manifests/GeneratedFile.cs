namespace Wakegate.Manifests;

/// <summary>A file that is written by a command, and by nobody else.</summary>
internal static class GeneratedFile
{
    /// <summary>Writes it; or says, by exit code 1 and a sentence, that it is not current.</summary>
    public static async Task<int> WriteOrCheckAsync(string file, string wanted, string command, bool check, CancellationToken cancellation)
    {
        if (!check)
        {
            await File.WriteAllTextAsync(file, wanted, cancellation);
            return 0;
        }

        if (File.Exists(file) && await File.ReadAllTextAsync(file, cancellation) == wanted)
            return 0;

        await Console.Error.WriteLineAsync($"{file} is not current: run `dotnet run --project tools/Manifests {command}`.");
        return 1;
    }
}
