using System.Globalization;
using System.Text.RegularExpressions;
using Wakegate.Bench.Running;

namespace Wakegate.Bench.Load;

/// <summary>wrk: as many requests as it can, over HTTP/1.1 connections that stay open.</summary>
internal static partial class Wrk
{
    public static async Task<Outcome> RunAsync(Uri target, string host, int connections, TimeSpan time)
    {
        var said = await Child.RunAsync(
            Tools.Require("wrk"), $"-t{Tools.LoadThreads}", $"-c{connections}", $"-d{time.TotalSeconds:0}s", "-H", $"Host: {host}", target.ToString());
        if (Trouble().Match(said) is { Success: true } trouble)
            throw new BenchException($"wrk on {target}: {trouble.Value.Trim()}");
        var done = Done().Match(said);
        return new(long.Parse(done.Groups["done"].Value, CultureInfo.InvariantCulture), double.Parse(Rate().Match(said).Groups["rate"].Value, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(@"(?<done>\d+) requests in", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Done();

    [GeneratedRegex(@"Requests/sec:\s+(?<rate>[\d.]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Rate();

    [GeneratedRegex(@"(Non-2xx|Socket errors).*", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Trouble();
}

/// <summary>What a load generator got done.</summary>
internal sealed record Outcome(long Requests, double PerSecond);
