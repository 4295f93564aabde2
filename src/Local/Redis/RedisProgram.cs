using System.Globalization;
using Wakegate.Local.Processes;

namespace Wakegate.Local.Redis;

/// <summary>Which Redis is started: <c>redis-server</c> where it is on the PATH, else Garnet, a .NET tool that the tool manifest pins.</summary>
internal static class RedisProgram
{
    private const string Manifest = ".config/dotnet-tools.json";

    /// <summary>What to run; restores Garnet first where it is needed.</summary>
    /// <exception cref="LocalException">There is neither, and Garnet cannot be restored.</exception>
    public static async Task<ProcessSpec> FindAsync(int port, CancellationToken cancellation)
    {
        var number = port.ToString(CultureInfo.InvariantCulture);
        return OnPath("redis-server") is { } server
            ? new("redis-server", [server, "--port", number, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]) { WorkingDirectory = Path.GetTempPath() }
            : await GarnetAsync(number, cancellation);
    }

    private static string? OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);

    private static async Task<ProcessSpec> GarnetAsync(string port, CancellationToken cancellation)
    {
        var root = SourceTree.FolderWith(Manifest)
            ?? throw new LocalException($"There is no redis-server on the PATH, and no {Manifest} to restore Garnet from: install Redis, or name a running one with --redis HOST:PORT.");

        await using var restore = GuardedProcess.Start(new("dotnet tool restore", [DotnetProgram.Host, "tool", "restore"]) { WorkingDirectory = root });
        var exit = await restore.Exited.WaitAsync(cancellation);
        return exit.Code == 0
            ? new("garnet-server", [DotnetProgram.Host, "tool", "run", "garnet-server", "--", "--port", port, "--bind", "127.0.0.1"]) { WorkingDirectory = root }
            : throw new LocalException($"There is no redis-server on the PATH, and Garnet could not be restored: install Redis, or name a running one with --redis HOST:PORT. {exit}");
    }
}
