using System.Globalization;
using System.Text.RegularExpressions;
using Wakegate.Bench.Running;
using Wakegate.Local.Processes;

namespace Wakegate.Bench.Load;

/// <summary>h2load: HTTP/2 with prior knowledge, or HTTP/1.1, and exact numbers of requests.</summary>
internal static partial class H2Load
{
    public const string Http1 = "--h1";

    /// <summary>Runs it to the end; every request must have succeeded.</summary>
    public static async Task<Outcome> RunAsync(Uri target, string host, params string[] options) =>
        Read(target, await Child.RunAsync([.. Command(target, host, options)]));

    /// <summary>Starts it, for who wants to stop it.</summary>
    public static Task<Child> StartAsync(Uri target, string host, params string[] options) =>
        Child.StartAsync(new ProcessSpec("h2load", [.. Command(target, host, options)]));

    /// <summary>Makes sense of what it wrote.</summary>
    public static Outcome Read(Uri target, string said)
    {
        var counts = Counts().Match(said);
        if (!counts.Success || !Clean().IsMatch(said))
            throw new BenchException($"h2load on {target}: {said}");
        return new((long)Number(counts.Groups["done"]), Number(Rate().Match(said).Groups["rate"]));
    }

    // Over HTTP/1.1 it makes the Host of the authority.
    private static IEnumerable<string> Command(Uri target, string host, string[] options) =>
        [Tools.Require("h2load"), "-H", $":authority: {host}", .. options, target.ToString()];

    private static double Number(Group group) => double.Parse(group.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"requests: \d+ total, \d+ started, (?<done>[1-9]\d*) done, \d+ succeeded, 0 failed, 0 errored, 0 timeout", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Counts();

    [GeneratedRegex(@"status codes: [1-9]\d* 2xx, 0 3xx, 0 4xx, 0 5xx", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Clean();

    [GeneratedRegex(@"finished in .*?, (?<rate>[\d.]+) req/s", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Rate();
}
