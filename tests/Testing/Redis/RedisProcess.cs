using System.Diagnostics;
using System.Globalization;

namespace Wakegate.Testing.Redis;

/// <summary>
/// A Redis in a process of its own. A small shell script stands between: it passes signals on by name, and kills the server when the pipe
/// from us closes, which it does however the test run ends. Signals to all of us, such as a terminal's Ctrl+C, must not end it before.
/// </summary>
internal sealed class RedisProcess : IRedisInstance
{
    private const string Guard = """
        trap : HUP INT QUIT TERM
        exec 3<&0 </dev/null
        "$(command -v setsid || command -v env)" "$@" 3<&- >/dev/null 2>&1 &
        server=$!
        send() { kill -s "$1" -- "-$server" 2>/dev/null || kill -s "$1" "$server" 2>/dev/null; }
        while read -r signal <&3; do send "$signal"; echo "$signal"; done
        send KILL
        """;

    private readonly RedisKind kind;
    private readonly int port;
    private Process? guard;

    private RedisProcess(RedisKind kind, int port)
    {
        this.kind = kind;
        this.port = port;
    }

    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");

    /// <summary>Null where this kind can be started.</summary>
    public static string? WhyMissing(RedisKind kind) => kind switch
    {
        RedisKind.RedisServer when FindOnPath("redis-server") is null => "There is no redis-server on the PATH.",
        RedisKind.Garnet when FindGarnet() is null => "garnet-server is not restored: run `dotnet tool restore`.",
        _ => null,
    };

    public static async Task<RedisProcess> StartAsync(RedisKind kind)
    {
        var redis = new RedisProcess(kind, FreePort.Find());
        await redis.StartAsync();
        return redis;
    }

    public async Task StartAsync()
    {
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in (IEnumerable<string>)["-c", Guard, "guard", .. Command()])
            start.ArgumentList.Add(argument);

        guard = Process.Start(start)!;
        await Eventually.TrueAsync(() => RedisWire.AnswersAsync(Address));
    }

    public Task StallAsync() => SignalAsync("STOP");

    public Task ResumeAsync() => SignalAsync("CONT");

    public async Task KillAsync()
    {
        if (guard is null)
            return;

        guard.StandardInput.Close();
        await guard.WaitForExitAsync();
        guard.Dispose();
        guard = null;
        await Eventually.TrueAsync(async () => !await RedisWire.AnswersAsync(Address));
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    private static string? FindOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);

    // Where NuGet unpacked the tool: run straight from there it is one process, where `dotnet tool run` would make two.
    private static string? FindGarnet()
    {
        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var tool = Path.Combine(packages, "garnet-server");
        return Directory.Exists(tool)
            ? Directory.EnumerateFiles(tool, "GarnetServer.dll", SearchOption.AllDirectories).FirstOrDefault(file => file.Contains("net10.0", StringComparison.Ordinal))
            : null;
    }

    private async Task SignalAsync(string signal)
    {
        await guard!.StandardInput.WriteLineAsync(signal);
        await guard.StandardInput.FlushAsync();
        await guard.StandardOutput.ReadLineAsync();
    }

    private string[] Command()
    {
        var number = port.ToString(CultureInfo.InvariantCulture);
        return kind == RedisKind.Garnet
            ? [Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet", FindGarnet()!, "--bind", "127.0.0.1", "--port", number]
            : [FindOnPath("redis-server")!, "--bind", "127.0.0.1", "--port", number, "--save", "", "--appendonly", "no"];
    }
}
