using k8s.Autorest;

namespace Wakegate.Local.Keda;

/// <summary>The streams, the polls and the HPA of one ScaledObject as it is worded now; a change makes a new one.</summary>
internal sealed class ScaledObjectLoop(
    ScalingRules rules, IReadOnlyList<Trigger> triggers, ScaledWorkload workload,
    Story story, TimeSpan hpaInterval, TimeProvider clock) : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private ScaledObjectLoop? before;
    private Task running = Task.CompletedTask;

    /// <summary>
    /// Starts. The loop before this one goes only when this one's streams are open and its first poll is done: KEDA, too, has both for a
    /// moment.
    /// </summary>
    public void Start(ScaledObjectLoop? replaced)
    {
        before = replaced;
        var streams = triggers.Where(trigger => trigger.Pushes).Select(ListenAsync).ToList();
        running = Task.WhenAll([.. streams.Select(WatchedAsync), WatchedAsync(PollAsync()), WatchedAsync(BalanceAsync())]);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await StopBeforeAsync();
        stop.Dispose();
    }

    private Task ListenAsync(Trigger trigger) => new PushStream(
        trigger, cancellation => TryAsync(() => workload.WakeAsync(rules, cancellation)), story, clock).RunAsync(stop.Token);

    private async Task PollAsync()
    {
        using var beat = new PeriodicTimer(rules.PollingInterval, clock);
        var first = true;
        do
        {
            await TryAsync(() => rules.Paused ? workload.PinAsync(rules, stop.Token) : workload.PollAsync(rules, triggers, stop.Token));
            if (first)
            {
                await StopBeforeAsync();
                story.Tell(rules.Paused ? KedaEventKind.Paused : KedaEventKind.Watched);
                first = false;
            }
        }
        while (await beat.WaitForNextTickAsync(stop.Token));
    }

    private async Task BalanceAsync()
    {
        if (rules.Paused)
            return;

        using var beat = new PeriodicTimer(hpaInterval, clock);
        while (await beat.WaitForNextTickAsync(stop.Token))
            await TryAsync(() => workload.BalanceAsync(rules, triggers, stop.Token));
    }

    // What the Kubernetes API refuses now, the next beat asks again.
    private async Task TryAsync(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (HttpOperationException refused)
        {
            story.Tell(KedaEventKind.KubernetesFailed, $"{(int)refused.Response.StatusCode}: {refused.Response.Content}");
        }
        catch (Exception unreachable) when (unreachable is HttpRequestException or IOException)
        {
            story.Tell(KedaEventKind.KubernetesFailed, unreachable.Message);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            story.Tell(KedaEventKind.KubernetesFailed, "The Kubernetes API did not answer in time.");
        }
    }

    // Nobody awaits the loop before its end, so a bug in it is told here.
    private async Task WatchedAsync(Task part)
    {
        try
        {
            await part;
        }
        catch (Exception bug) when (!stop.IsCancellationRequested)
        {
            story.Tell(KedaEventKind.Crashed, bug.ToString());
            throw;
        }
    }

    private async Task StopBeforeAsync()
    {
        if (Interlocked.Exchange(ref before, null) is { } replaced)
            await replaced.DisposeAsync();
    }
}
