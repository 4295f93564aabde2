using System.Globalization;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

/// <summary>Peers that vanish without a word: whether the kernel asks after them, which it says in <c>/proc/net/tcp</c>.</summary>
public sealed class LivenessTests
{
    private const string Established = "01";

    // Of the fields: a timer other than that of a retransmission runs.
    private const string Watched = "02";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory(Timeout = 60_000)]
    [InlineData("http1")]
    [InlineData("h2c")]
    public async Task SilentPod_IsAskedWhetherItIsThere(string protocol)
    {
        await using var pod = new SocketServer(static async (socket, stop) =>
        {
            using (socket)
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
        });
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("protocol", protocol)));
        await app.ReadyAsync(pod.EndPoint);
        using var leaving = new CancellationTokenSource();

        var response = app.Client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), leaving.Token);

        await Eventually.TrueAsync(async () => await ConnectionsAsync(remote: pod.EndPoint.Port) is [{ Timer: Watched }]);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => response);
    }

    [Fact(Timeout = 60_000)]
    public async Task HeldClient_IsAskedWhetherItIsThere()
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await using var client = await app.ConnectAsync(Cancellation);
        await client.WriteAsync("GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n"u8.ToArray(), Cancellation);
        await app.HeldAsync(1);

        await Eventually.TrueAsync(async () => await ConnectionsAsync(local: app.Traffic.Port) is [{ Timer: Watched }]);
    }

    private static async Task<List<(int Local, int Remote, string Timer)>> ConnectionsAsync(int? local = null, int? remote = null)
    {
        string[] tables = ["/proc/net/tcp", "/proc/net/tcp6"];
        var connections = new List<(int Local, int Remote, string Timer)>();
        foreach (var table in tables.Where(File.Exists))
        {
            foreach (var line in (await File.ReadAllLinesAsync(table, Cancellation)).Skip(1))
            {
                // sl, local address, remote address, state, queues, timer:when, and more.
                var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (fields[3] == Established)
                    connections.Add((Port(fields[1]), Port(fields[2]), fields[5].Split(':')[0]));
            }
        }

        return connections.FindAll(c => (local is null || c.Local == local) && (remote is null || c.Remote == remote));
    }

    private static int Port(string address) => int.Parse(address[(address.LastIndexOf(':') + 1)..], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
