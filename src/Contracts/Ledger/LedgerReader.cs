using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Wakegate.Contracts.Triggers;

namespace Wakegate.Contracts.Ledger;

/// <summary>
/// Keeps the ledger in memory: subscribed to its changes, and read in full every few seconds, after Redis was away, and when a lease ends
/// that nobody renewed. Answers come from memory, whatever Redis does, and <see cref="Trust"/> says what they are worth.
/// </summary>
public sealed partial class LedgerReader : BackgroundService
{
    // Between two full reads, however many reasons there are for one.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly TimeProvider clock;
    private readonly RedisConnection connection;
    private readonly RedisClock redisClock;
    private readonly LedgerSnapshot snapshot;
    private readonly ReadHistory history;
    private readonly RouteAccount nothing;
    private readonly ILogger<LedgerReader> logger;
    private readonly IOptions<LedgerOptions> options;
    private readonly TaskCompletionSource attempted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<bool> wake =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private ISubscriber? subscriber;
    private bool subscribed;
    private bool? connected;
    private bool newerFormat;

    internal LedgerReader(RedisConnection connection, IOptions<LedgerOptions> options, TimeProvider clock, ILogger<LedgerReader> logger)
    {
        this.connection = connection;
        this.clock = clock;
        this.logger = logger;
        this.options = options;
        redisClock = new RedisClock(clock);
        snapshot = new LedgerSnapshot(redisClock);
        history = new ReadHistory(options, clock, redisClock);
        nothing = new RouteAccount("", redisClock);
        connection.Restored += OnRestored;
    }

    /// <summary>Whether zeros are zeros, now. A zero is one where this says so before it is read, and after.</summary>
    public LedgerTrust Trust => history.Trust;

    /// <summary>Interceptors that hold a lease.</summary>
    public int LiveReplicas => snapshot.Live;

    /// <summary>Since the last full read; null before the first.</summary>
    public TimeSpan? Age => history.Age;

    /// <summary>Completes when Redis has been tried once, whatever came of it.</summary>
    public Task Attempted => attempted.Task;

    /// <summary>Routes for which anything is pending, by <see cref="RouteId.ToString"/>, and how much.</summary>
    public IEnumerable<(string Route, int Pending)> Busy => snapshot.Busy;

    /// <summary>What the ledger says of a route; all zero where it does not mention it.</summary>
    public RouteAccount Find(RouteId route) => snapshot.Find(route.ToString()) ?? nothing;

    /// <summary>Watches a route until disposed of.</summary>
    /// <param name="route">Which.</param>
    /// <param name="watcher">Called as changes arrive, on the thread that brings them: it must not wait.</param>
    public RouteWatch Watch(RouteId route, Action<RouteEdge> watcher) => new(snapshot, route, watcher);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var timer = clock.CreateTimer(_ => ReadSoon(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        try
        {
            while (true)
            {
                await TryReadAsync(stoppingToken);
                attempted.TrySetResult();
                timer.Change(NextRead(), Timeout.InfiniteTimeSpan);
                await Task.Delay(Pause, clock, stoppingToken);
                await wake.Reader.ReadAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
        finally
        {
            await LeaveAsync();
        }
    }

    /// <summary>The connection is the process's, and may outlive this reader.</summary>
    private async Task LeaveAsync()
    {
        connection.Restored -= OnRestored;
        try
        {
            await (subscriber?.UnsubscribeAsync(connection.Keys.Changes) ?? Task.CompletedTask);
        }
        catch (Exception fault) when (RedisConnection.IsFault(fault))
        {
            // Redis is away, and forgets a subscription with its connection.
        }
    }

    private void OnRestored(object? sender, EventArgs args) => ReadSoon();

    private void ReadSoon() => wake.Writer.TryWrite(true);

    private TimeSpan NextRead()
    {
        var reread = options.Value.Reread;
        var lease = snapshot.UntilLeaseEnds() ?? reread;
        return lease < Pause ? Pause : lease < reread ? lease : reread;
    }

    private async Task TryReadAsync(CancellationToken stop)
    {
        try
        {
            var redis = await connection.OpenAsync(stop);
            if (!subscribed)
                await SubscribeAsync(subscriber ??= redis.GetSubscriber());

            // What is published from here on is newer than what is read.
            var (known, messages) = snapshot.BeginRead();
            var image = await LedgerImage.ReadAsync(redis, connection.Keys, redisClock, known);
            if (history.Add(image, () => snapshot.Merge(image, messages)))
                ReadSoon();

            Report(image);
        }
        catch (Exception fault) when (RedisConnection.IsFault(fault) && !(fault is OperationCanceledException && stop.IsCancellationRequested))
        {
            if (connected != false)
                LogLost(fault.Message);
            connected = false;
        }
    }

    /// <summary>A try that fails leaves its queue with the client all the same, where every later message would stay: it is taken away first.</summary>
    private async Task SubscribeAsync(ISubscriber subscriber)
    {
        await subscriber.UnsubscribeAsync(connection.Keys.Changes);
        (await subscriber.SubscribeAsync(connection.Keys.Changes)).OnMessage(Receive);
        subscribed = true;
    }

    private void Receive(ChannelMessage received)
    {
        // What comes before the clock is set is in the read that follows.
        if (redisClock.IsSet && LedgerMessage.Parse(received.Message.ToString()) is { Header.Readable: true } message && snapshot.Merge(message))
            ReadSoon();
    }

    private void Report(LedgerImage image)
    {
        if (connected == false)
            LogRestored();
        connected = true;

        if (!newerFormat && image.Replicas.FirstOrDefault(replica => !replica.Header.Readable) is { } newer)
            LogNewerFormat(newer.Id, newer.Header.Version);
        newerFormat = image.Replicas.Any(replica => !replica.Header.Readable);

        if (history.TakeAbandoned())
            LogAbandoned();
    }

    [LoggerMessage(LogLevel.Warning, "Redis cannot be read. Answers come from memory until Ledger:MaxStaleness is over, and from then on KEDA keeps its replicas as they are. {Reason}")]
    private partial void LogLost(string reason);

    [LoggerMessage(LogLevel.Information, "Redis can be read again.")]
    private partial void LogRestored();

    [LoggerMessage(LogLevel.Warning, "Interceptor {Replica} reports in format {Version}, which this scaler cannot read, so nothing can be scaled down: upgrade the scaler.")]
    private partial void LogNewerFormat(string replica, long version);

    [LoggerMessage(LogLevel.Warning, "No interceptor has reported for 10 minutes. Every route now counts as idle, so that an uninstall does not keep replicas for ever.")]
    private partial void LogAbandoned();
}
