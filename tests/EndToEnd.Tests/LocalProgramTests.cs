using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Wakegate.EndToEnd.Tests.Live;

namespace Wakegate.EndToEnd.Tests;

/// <summary>The one command of the README.</summary>
public sealed class LocalProgramTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task ReadyLine_SaysWhatToTryAndThatIsAnswered()
    {
        using var local = LocalProgram.Start();

        var ready = await local.ReadyAsync();
        var url = new Uri(ready.Split(' ').Last(word => word.StartsWith("http://", StringComparison.Ordinal)));
        var answer = await AskAsync(url);
        // With a pod running.
        var code = await local.InterruptAsync();

        Assert.StartsWith("Ready. Try: curl ", ready, StringComparison.Ordinal);
        Assert.Contains("shop", answer, StringComparison.Ordinal);
        Assert.Equal(0, code);
        Assert.Empty(await local.Errors);
        await local.AssertNothingIsLeftAsync();
    }

    [Fact(Timeout = 120_000)]
    public async Task Sigterm_EndsEveryProcess()
    {
        using var local = LocalProgram.Start(arguments: "--quiet");
        await local.ReadyAsync();
        var running = local.Descendants();

        var code = await local.TerminateAsync();

        Assert.NotEmpty(running);
        Assert.Equal(0, code);
        await local.AssertNothingIsLeftAsync();
    }

    [Fact(Timeout = 120_000)]
    public async Task PortInUse_IsNamedAndNothingIsLeft()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        using var local = LocalProgram.Start(port - 8080);

        var code = await local.EndedAsync();

        Assert.NotEqual(0, code);
        Assert.StartsWith($"Port {port} on 127.0.0.1, for the interceptor's traffic, is in use.", await local.Errors, StringComparison.Ordinal);
        Assert.Empty(local.Descendants());
    }

    [Theory(Timeout = 120_000)]
    [InlineData("Wakegate.ExternalScaler.dll", "scaler ended with exit code 137")]
    [InlineData("redis-server", "redis-server ended with exit code 137")]
    public async Task ChildKilled_EndsLocalWithTheReason(string program, string reason)
    {
        using var local = LocalProgram.Start(arguments: "--quiet");
        await local.ReadyAsync();
        // Not its guard, whose command line has it too.
        var child = local.Descendants()
            .Where(started => started.Command.Contains(program, StringComparison.Ordinal))
            .Where(started => !started.Command.Contains("guard", StringComparison.Ordinal))
            .ToList();
        Assert.SkipWhen(child.Count == 0, $"Local does not run {program} here.");

        Process.GetProcessById(Assert.Single(child).Id).Kill();
        var code = await local.EndedAsync();

        Assert.NotEqual(0, code);
        Assert.Contains(reason, await local.Errors, StringComparison.Ordinal);
        await local.AssertNothingIsLeftAsync();
    }

    // The host's name may not resolve here; curl takes the address from the name itself.
    private static async Task<string> AskAsync(Uri url)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder(url) { Host = "127.0.0.1" }.Uri);
        request.Headers.Host = url.Authority;
        using var response = await client.SendAsync(request, Stop);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync(Stop);
    }
}
