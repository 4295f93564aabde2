namespace Wakegate.Bench.Running;

/// <summary>Programs that are not ours.</summary>
internal static class Tools
{
    public const string Missing = "not installed: apt install nginx haproxy wrk nghttp2-client";

    /// <summary>Threads of a load generator: half of the cores, so that it is not what limits a proxy.</summary>
    public static int LoadThreads { get; } = Math.Max(1, Environment.ProcessorCount / 2);

    public static bool Has(string program) => Find(program) is not null;

    /// <summary>Its path.</summary>
    /// <exception cref="BenchException">It is not installed.</exception>
    public static string Require(string program) => Find(program) ?? throw new BenchException($"{program} is {Missing}");

    // Debian keeps servers where only root's PATH looks.
    private static string? Find(string program) => $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/usr/local/sbin"
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, program))
        .FirstOrDefault(File.Exists);
}
