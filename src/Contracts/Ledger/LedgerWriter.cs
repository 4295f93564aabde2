using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Wakegate.Contracts.Triggers;

namespace Wakegate.Contracts.Ledger;

/// <summary>
/// Reports one process's pending requests to the ledger. Its one loop does all writes, one after the other, so that no write of a route can
/// overtake another. It reports until it is stopped itself, which the host does after its web server has drained, and takes its counts
/// with it then. Redis may be away at any time, also at the start.
/// </summary>
public sealed partial class LedgerWriter : BackgroundService
{
    private static readonly TimeSpan Batch = TimeSpan.FromMilliseconds(100);

    private readonly TimeProvider clock;
    private readonly RedisConnection connection;
    private readonly RedisClock redisClock;
    private readonly ReplicaHash hash;
    private readonly TrackedRoutes routes;
    private readonly ILogger<LedgerWriter> logger;
    private readonly IOptions<LedgerOptions> options;
    private readonly LedgerMetrics metrics;
    private long lastBatch;
    private long lastHeartbeat;
    private int heartbeatDue = 1;
    private bool? connected;

    internal LedgerWriter(
        RedisConnection connection, IOptions<LedgerOptions> options, LedgerMetrics metrics, TimeProvider clock, ILogger<LedgerWriter> logger)
    {
        this.metrics = metrics;
        this.connection = connection;
        this.clock = clock;
        this.logger = logger;
        this.options = options;
        ReplicaId = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}-{Random.Shared.Next():x8}");
        redisClock = new RedisClock(clock);
        hash = new ReplicaHash(ReplicaId, connection, redisClock, options);
        routes = new TrackedRoutes(clock);
        connection.Restored += BeatSoon;
        Replicas = [ReplicaId];
    }

    /// <summary>This process in the ledger; new with every start.</summary>
    public string ReplicaId { get; }

    /// <summary>
    /// All replicas that hold a lease, this one among them, in the same order for all; as of the last heartbeat, and the last known while
    /// Redis is away.
    /// </summary>
    public IReadOnlyList<string> Replicas { get; private set => Volatile.Write(ref field, value); }

    /// <summary>Raised when <see cref="Replicas"/> has changed, on the thread of the ledger's loop.</summary>
    public event EventHandler? ReplicasChanged;

    /// <summary>Whether the last write reached Redis.</summary>
    public bool Connected => connected == true;

    /// <summary>Counts a route from now on. The same route has the same counts, and a second call updates its windows.</summary>
    public PendingCounts Track(RouteId route, ScalingSpec scaling) => routes.Track(route, scaling);

    /// <summary>The route is no more. What is still pending is reported to its end.</summary>
    public void Untrack(RouteId route) => routes.Untrack(route);

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        connection.Restored -= BeatSoon;
        if (!Connected)
            return;

        try
        {
            var redis = await connection.OpenAsync(cancellationToken);
            await hash.DeleteAsync(redis.GetDatabase(), Entries(routes.TakeChanged())).WaitAsync(cancellationToken);
        }
        catch (Exception fault) when (RedisConnection.IsFault(fault))
        {
            LogLeftBehind(fault.Message);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var timer = clock.CreateTimer(_ => routes.Wake(), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        try
        {
            while (true)
            {
                await routes.WaitAsync(stoppingToken);
                await WriteDueAsync(stoppingToken);
                timer.Change(UntilNext(), Timeout.InfiniteTimeSpan);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping: what is still unwritten goes with the farewell.
        }
    }

    private void BeatSoon(object? sender, EventArgs args)
    {
        Volatile.Write(ref heartbeatDue, 1);
        routes.Wake();
    }

    /// <summary>Until the next batch where something waits for it, else until the next heartbeat: a process without requests is left alone.</summary>
    private TimeSpan UntilNext()
    {
        var now = clock.GetTimestamp();
        var beat = options.Value.Heartbeat - clock.GetElapsedTime(lastHeartbeat, now);

        // Nothing helps before Redis is back.
        var batch = hash.IsKnown && !routes.TryRest() ? Batch - clock.GetElapsedTime(lastBatch, now) : beat;
        var next = beat < batch ? beat : batch;

        // Timers count whole milliseconds, and one that rings early would ring twice.
        return TimeSpan.FromMilliseconds(Math.Ceiling(Math.Max(0, next.TotalMilliseconds)));
    }

    private async Task WriteDueAsync(CancellationToken stop)
    {
        var now = clock.GetTimestamp();
        if (Interlocked.Exchange(ref heartbeatDue, 0) == 1 || clock.GetElapsedTime(lastHeartbeat, now) >= options.Value.Heartbeat)
        {
            lastHeartbeat = lastBatch = now;
            await WriteAsync(routes.TakeChanged(), beat: true, stop);
        }
        else if (!hash.IsKnown)
        {
            // Nothing helps before Redis is back, which it or the next heartbeat tells.
        }
        else if (clock.GetElapsedTime(lastBatch, now) >= Batch)
        {
            lastBatch = now;
            await WriteAsync(routes.TakeChanged(), beat: false, stop);
        }
        else
        {
            await WriteAsync(routes.TakeEdges(route => clock.GetElapsedTime(route.Written, now) >= Batch), beat: false, stop);
        }
    }

    private async Task WriteAsync(HashSet<TrackedRoute> changed, bool beat, CancellationToken stop)
    {
        if (changed.Count == 0 && !beat)
            return;

        var began = clock.GetTimestamp();
        try
        {
            var redis = await connection.OpenAsync(stop);
            if (beat)
            {
                await redisClock.SynchronizeAsync(redis, connection.Keys);

                // The write says until when it knows all, which is now, and that took its time.
                changed.UnionWith(routes.TakeChanged());
            }

            var idle = beat ? routes.TakeIdle() : [];
            IReadOnlyCollection<TrackedRoute> written = changed;
            if (!hash.IsKnown || !await hash.WriteAsync(redis.GetDatabase(), Entries(changed), idle, beat))
                await hash.RewriteAsync(redis.GetDatabase(), Entries(written = routes.Present));

            if (beat)
                MeetReplicas(await hash.LiveReplicasAsync(redis.GetDatabase()));
            ReportWritten(written, began);
        }
        catch (Exception fault) when (RedisConnection.IsFault(fault) && !(fault is OperationCanceledException && stop.IsCancellationRequested))
        {
            // What was taken to be written may not be there, whichever step failed.
            hash.Doubt();
            ReportLost(fault);
        }
    }

    private void MeetReplicas(IEnumerable<string> live)
    {
        var now = live.Append(ReplicaId).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (now.SequenceEqual(Replicas, StringComparer.Ordinal))
            return;

        Replicas = now;
        ReplicasChanged?.Invoke(this, EventArgs.Empty);
    }

    private HashEntry[] Entries(IReadOnlyCollection<TrackedRoute> changed)
    {
        var written = clock.GetTimestamp();
        var now = redisClock.Now;
        return changed.Select(Entry).ToArray();

        HashEntry Entry(TrackedRoute route)
        {
            route.Written = written;
            return route.ToEntry(now);
        }
    }

    private void ReportWritten(IEnumerable<TrackedRoute> written, long began)
    {
        metrics.Written(began);
        foreach (var route in written)
            route.Reported();

        if (connected == false)
            LogRestored();
        connected = true;
    }

    private void ReportLost(Exception fault)
    {
        metrics.Failed();
        if (connected != false)
            LogLost(fault.Message);
        connected = false;
    }

    [LoggerMessage(LogLevel.Warning, "Redis cannot be reached, so this replica's counts leave the ledger when its lease ends. Requests are not affected. {Reason}")]
    private partial void LogLost(string reason);

    [LoggerMessage(LogLevel.Information, "Redis is back, and has all counts again.")]
    private partial void LogRestored();

    [LoggerMessage(LogLevel.Information, "This replica could not take its counts out of the ledger; they end with its lease. {Reason}")]
    private partial void LogLeftBehind(string reason);
}
