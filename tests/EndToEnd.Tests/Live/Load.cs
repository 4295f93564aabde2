using System.Net.Http.Json;
using Wakegate.Testing;
using Wakegate.Upstream.Http;

namespace Wakegate.EndToEnd.Tests.Live;

/// <summary>Clients that ask again as soon as they are answered: as many requests are always pending as there are clients.</summary>
internal sealed class Load : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly HashSet<string> pods = new(StringComparer.Ordinal);
    private readonly List<string> failures = [];

    // Guards pods and failures.
    private readonly Lock gate = new();
    private readonly Task running;
    private int answered;

    private Load(HttpClient client, string url, int clients) =>
        running = Task.WhenAll(Enumerable.Range(0, clients).Select(_ => AskAsync(client, url)));

    /// <summary>What went wrong.</summary>
    public IReadOnlyList<string> Failures => Locked(() => failures.ToList());

    /// <summary>Who answered.</summary>
    public IReadOnlyList<string> Pods => Locked(() => pods.ToList());

    /// <summary>Starts, and comes back once every client can have had an answer.</summary>
    public static async Task<Load> StartAsync(HttpClient client, string url, int clients)
    {
        var load = new Load(client, url, clients);
        await load.AnswersAsync(clients);
        return load;
    }

    /// <summary>Returns once there were so many answers more.</summary>
    public Task AnswersAsync(int more)
    {
        var enough = Volatile.Read(ref answered) + more;
        return Eventually.TrueAsync(() => Volatile.Read(ref answered) >= enough, $"{more} more answers");
    }

    /// <summary>Waits for the last answers.</summary>
    public async Task StopAsync()
    {
        await stop.CancelAsync();
        await running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        stop.Dispose();
    }

    private async Task AskAsync(HttpClient client, string url)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                // To its end also when the load is to stop: a request that is given up proves nothing.
                var echo = await client.GetFromJsonAsync<Echo>(url, TestContext.Current.CancellationToken);
                Locked(() => pods.Add(echo!.Pod));
                Interlocked.Increment(ref answered);
            }
            catch (HttpRequestException failure)
            {
                Locked(() => failures.Add(failure.Message));
                return;
            }
        }
    }

    private T Locked<T>(Func<T> read)
    {
        lock (gate)
            return read();
    }

    private void Locked(Action write)
    {
        lock (gate)
            write();
    }
}
