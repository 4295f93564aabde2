using System.Globalization;

namespace Wakegate.Bench.Running;

/// <summary>What a process and its workers use, as Linux counts it in <c>/proc</c>.</summary>
internal sealed class ProcessUse(int id)
{
    // USER_HZ, which is 100 on every architecture that .NET runs on.
    private const double TicksPerSecond = 100;

    /// <summary>User and system time so far.</summary>
    public TimeSpan Cpu => TimeSpan.FromSeconds(Family().Sum(p => (Field(p, 13) + Field(p, 14)) / TicksPerSecond));

    /// <summary>Resident memory now, in bytes.</summary>
    public long Resident => Family().Sum(p => Status(p, "VmRSS:"));

    /// <summary>The most it was since <see cref="ForgetPeak"/>, in bytes.</summary>
    public long ResidentPeak => Family().Sum(p => Status(p, "VmHWM:"));

    /// <summary>Lets <see cref="ResidentPeak"/> begin anew (Linux: <c>/proc/PID/clear_refs</c>).</summary>
    public void ForgetPeak()
    {
        foreach (var process in Family())
            File.WriteAllText($"/proc/{process}/clear_refs", "5");
    }

    // nginx works in children of the process that we started.
    private IEnumerable<int> Family() => Directory.EnumerateDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var other) ? other : 0)
        .Where(other => other == id || (other != 0 && Field(other, 3) == id));

    /// <summary>A field of <c>/proc/PID/stat</c>, counted from 0; 0 where the process has ended.</summary>
    private static long Field(int process, int index)
    {
        try
        {
            // The name, in brackets, may hold spaces.
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return long.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[index - 2], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static long Status(int process, string name)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) * 1024;
    }
}
