using System.Collections.Concurrent;
using System.Net.Sockets;
using Wakegate.Local.Cluster;
using Wakegate.Testing;

namespace Wakegate.EndToEnd.Tests.Live;

/// <summary>
/// What a Service in front of the interceptors does: a new connection goes to one that is ready. It hears of a change a moment later, and it
/// tries no second one: what was accepted must be served.
/// </summary>
internal sealed class Balancer : IAsyncDisposable
{
    private static readonly TimeSpan Probe = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentDictionary<LocalPart, bool> ready = new();
    private readonly HttpClient health = new() { Timeout = TimeSpan.FromSeconds(1) };
    private readonly Task probing;
    private int turn;

    public Balancer(IEnumerable<LocalPart> interceptors) => probing = Task.WhenAll(interceptors.Select(ProbeAsync));

    /// <summary>Returns once so many are ready.</summary>
    public Task ReadyAsync(int count) => Eventually.TrueAsync(() => ready.Count == count, $"{count} interceptors are ready");

    /// <summary>A client with connections of its own, which reaches every host through the interceptors.</summary>
    public HttpClient NewClient() => new(new SocketsHttpHandler
    {
        UseProxy = false,
        ConnectCallback = async (_, cancellation) =>
        {
            List<LocalPart> all = [];
            await Eventually.TrueAsync(() => (all = [.. ready.Keys]).Count > 0, "an interceptor is ready");
            var interceptor = all[(int)((uint)Interlocked.Increment(ref turn) % all.Count)];
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(interceptor.Address.Host, interceptor.Address.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        // Tests are bounded as a whole.
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await probing;
        health.Dispose();
        stop.Dispose();
    }

    private async Task ProbeAsync(LocalPart interceptor)
    {
        using var beat = new PeriodicTimer(Probe, TimeProvider.System);
        while (!stop.IsCancellationRequested)
        {
            if (await IsReadyAsync(interceptor))
                ready[interceptor] = true;
            else
                ready.TryRemove(interceptor, out _);
            await beat.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private async Task<bool> IsReadyAsync(LocalPart interceptor)
    {
        try
        {
            using var response = await health.GetAsync(new Uri(interceptor.Admin!, "/readyz"), stop.Token);
            return response.IsSuccessStatusCode;
        }
        catch (Exception unready) when (unready is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
