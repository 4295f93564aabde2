using Wakegate.Local.Processes;

namespace Wakegate.Local.Cluster;

/// <summary>One of the processes that make up the system, which tests may end, stall and start again.</summary>
public sealed class LocalPart : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(50);

    private readonly ProcessSpec spec;
    private readonly Func<CancellationToken, Task<bool>> answers;
    private readonly Action<string, string> hear;
    private readonly Action<ProcessExit> died;
    private readonly TimeProvider clock;
    private GuardedProcess? process;
    private Task watching = Task.CompletedTask;

    // Whether its end would be a surprise.
    private volatile bool wanted;

    internal LocalPart(
        ProcessSpec spec, Func<CancellationToken, Task<bool>> answers, Action<string, string> hear, Action<ProcessExit> died, TimeProvider clock) =>
        (this.spec, this.answers, this.hear, this.died, this.clock) = (spec, answers, hear, died, clock);

    /// <summary>How it is called in messages.</summary>
    public string Name => spec.Name;

    /// <summary>Where it serves.</summary>
    public required Uri Address { get; init; }

    /// <summary>Where its <c>/readyz</c> and <c>/metrics</c> are; null for Redis.</summary>
    public Uri? Admin { get; init; }

    /// <summary>Starts it, for the first time or again on the same ports, and waits until it is ready.</summary>
    /// <exception cref="LocalException">It ended, or did not become ready within a minute; the message has its last lines.</exception>
    public async Task StartAsync(CancellationToken cancellation = default)
    {
        if (process is { } ended)
            await ended.DisposeAsync();
        var starting = process = GuardedProcess.Start(spec, line => hear(spec.Name, line));
        var started = clock.GetTimestamp();
        while (!await answers(cancellation))
        {
            if (starting.Exited.IsCompleted)
                throw new LocalException((await starting.Exited).ToString());
            if (clock.GetElapsedTime(started) > StartTimeout)
                throw new LocalException($"{Name} did not become ready within {StartTimeout.TotalSeconds:0} s.");
            await Task.Delay(Beat, clock, cancellation);
        }

        wanted = true;
        watching = WatchAsync(starting);
    }

    /// <summary>SIGKILL, as in a crash.</summary>
    public Task<ProcessExit> KillAsync() => EndAsync("KILL");

    /// <summary>SIGTERM, as in an update.</summary>
    public Task<ProcessExit> TerminateAsync() => EndAsync("TERM");

    /// <summary>SIGSTOP: it is there and does nothing.</summary>
    public Task StallAsync() => Started.SignalAsync("STOP");

    /// <summary>SIGCONT: it goes on.</summary>
    public Task ResumeAsync() => Started.SignalAsync("CONT");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        wanted = false;
        if (process is { } running)
            await running.DisposeAsync();
        await watching;
    }

    private GuardedProcess Started => process ?? throw new InvalidOperationException($"{Name} was not started.");

    private async Task<ProcessExit> EndAsync(string signal)
    {
        wanted = false;
        await Started.SignalAsync(signal);
        return await Started.Exited;
    }

    private async Task WatchAsync(GuardedProcess watched)
    {
        var exit = await watched.Exited;
        if (wanted)
            died(exit);
    }
}
