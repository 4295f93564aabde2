using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Wakegate.Contracts.Ledger;

/// <summary>The process's one connection to Redis. It is opened by the first who needs it, and from then on renews itself.</summary>
internal sealed class RedisConnection(IOptions<RedisOptions> options) : IAsyncDisposable
{
    // Guards opening.
    private readonly Lock gate = new();
    private Task<ConnectionMultiplexer>? opening;

    /// <summary>Redis answers again. Raised on the client's own thread: do little.</summary>
    public event EventHandler? Restored;

    // Not in the constructor: wrong settings are for the host to report, all at once.
    public LedgerKeys Keys => field ??= new(options.Value.KeyPrefix);

    /// <summary>Soon completes, with Redis or without: what is not connected fails each command at once.</summary>
    public async Task<IConnectionMultiplexer> OpenAsync(CancellationToken cancellation)
    {
        Task<ConnectionMultiplexer> task;
        lock (gate)
        {
            task = opening = opening is null or { IsFaulted: true } ? ConnectAsync() : opening;
        }

        return await task.WaitAsync(cancellation);
    }

    /// <summary>Closes it. A Redis that does not answer is not waited for: an attempt under way is closed when it ends.</summary>
    public async ValueTask DisposeAsync()
    {
        var closing = CloseAsync(opening);
        if (opening is { IsCompleted: true })
        {
            await closing;
        }
    }

    /// <summary>Whether an exception says that Redis is away, slow or unwell, which is no bug of ours.</summary>
    public static bool IsFault(Exception exception) =>
        exception is RedisException or TimeoutException or ObjectDisposedException or OperationCanceledException;

    private static async Task CloseAsync(Task<ConnectionMultiplexer>? opening)
    {
        if (opening is not null)
        {
            await using var redis = await opening;
        }
    }

    private async Task<ConnectionMultiplexer> ConnectAsync()
    {
        var redis = await ConnectionMultiplexer.ConnectAsync(options.Value.ToClient());
        redis.ConnectionRestored += (_, _) => Restored?.Invoke(this, EventArgs.Empty);
        return redis;
    }
}
