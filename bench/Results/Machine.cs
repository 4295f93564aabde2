using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Wakegate.Bench.Running;

namespace Wakegate.Bench.Results;

/// <summary>Where it was measured, and with what.</summary>
internal static partial class Machine
{
    private static IReadOnlyDictionary<string, string>? versions;

    public static string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Environment.ProcessorCount} cores, {Cpu()}, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1 << 30)} GiB, {RuntimeInformation.OSDescription}");

    public static IReadOnlyDictionary<string, string> Versions() => versions ??= new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Wakegate"] = typeof(Machine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion,
        [".NET"] = Environment.Version.ToString(),
        ["YARP"] = typeof(Yarp.ReverseProxy.Forwarder.IHttpForwarder).Assembly.GetName().Version!.ToString(3),
        ["nginx"] = Ask("nginx", "-v"),
        ["HAProxy"] = Ask("haproxy", "-v"),
        ["Redis"] = Ask("redis-server", "--version"),
        ["wrk"] = Ask("wrk", "-v"),
        ["h2load"] = Ask("h2load", "--version"),
    };

    private static string Cpu() => File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) is { } line
        ? line[(line.IndexOf(':') + 1)..].Trim()
        : "unknown CPU";

    private static string Ask(string program, string option)
    {
        if (!Tools.Has(program))
            return "not installed";
        var start = new System.Diagnostics.ProcessStartInfo(Tools.Require(program), option) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        using var asked = System.Diagnostics.Process.Start(start)!;
        var said = asked.StandardOutput.ReadToEnd() + asked.StandardError.ReadToEnd();
        return Version().Match(said) is { Success: true } match ? match.Value : "unknown";
    }

    [GeneratedRegex(@"\d+\.\d+(\.\d+)?", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Version();
}
