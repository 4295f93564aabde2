using k8s.Models;
using Wakegate.Local.Processes;

namespace Wakegate.Local.Pods;

/// <summary>One pod's life as a process: started, probed, started again when it crashes, and ended within its grace period.</summary>
internal sealed class PodRun : IAsyncDisposable
{
    private readonly V1Pod pod;
    private readonly PodReport report;
    private readonly PodPlace place;
    private readonly TimeProvider clock;
    private readonly Action<PodEvent> tell;
    private readonly RestartDelay restartDelay = new();
    private readonly Task life;

    // In this order: the pod is to end; its grace is over; nobody wants to hear of it any more.
    private readonly CancellationTokenSource ending = new();
    private readonly CancellationTokenSource graceOver;
    private readonly CancellationTokenSource nodeDown = new();

    // Written by one at a time: by the run, and between a start and an end by the probing.
    private PodStatus status;

    private PodRun(V1Pod pod, PodReport report, PodPlace place, TimeProvider clock, Action<PodEvent> tell)
    {
        (this.pod, this.report, this.place, this.clock, this.tell) = (pod, report, place, clock, tell);
        graceOver = new(Timeout.InfiniteTimeSpan, clock);
        status = new(pod, clock.GetUtcNow());
        life = LiveAsync();
    }

    /// <summary>Starts the pod's process; the run goes on by itself until <see cref="End"/>.</summary>
    public static PodRun Start(V1Pod pod, PodReport report, PodPlaces places, TimeProvider clock, Action<PodEvent> tell) =>
        new(pod, report, places.Take(PodProgram.Port(pod)), clock, tell);

    /// <summary>Ends the pod, and then deletes it. Can be said again, with another deadline.</summary>
    /// <param name="deadline">When a process that is still there is killed.</param>
    public void End(DateTimeOffset deadline)
    {
        var left = deadline - clock.GetUtcNow();
        graceOver.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        ending.Cancel();
    }

    /// <summary>Ends the process without a word to the API: the node goes down.</summary>
    public async ValueTask DisposeAsync()
    {
        await nodeDown.CancelAsync();
        await ending.CancelAsync();
        await life;
        ending.Dispose();
        graceOver.Dispose();
        nodeDown.Dispose();
    }

    private async Task LiveAsync()
    {
        try
        {
            await RunAsync(PodProgram.Of(pod, place));
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // In the middle of a wait or a report.
        }

        if (nodeDown.IsCancellationRequested)
            return;
        Tell(PodEventKind.Stopped);
        await report.GoneAsync(nodeDown.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task RunAsync(PodProgramChoice choice)
    {
        if (choice.Program is null)
        {
            await RefuseAsync(choice.Reason!, choice.Message!);
            return;
        }

        if (place.Shared)
            await report.PortAsync(place.Port, ending.Token);
        while (!ending.IsCancellationRequested)
        {
            var started = clock.GetTimestamp();
            if (await RunOnceAsync(choice.Program) is { } exit)
                await PauseAsync(exit, clock.GetElapsedTime(started));
        }
    }

    private async Task RefuseAsync(string reason, string message)
    {
        Tell(PodEventKind.Refused, message);
        await ReportAsync(status.Waiting(reason, message));
        await report.WarnAsync(reason, message, ending.Token);
        await Task.Delay(Timeout.InfiniteTimeSpan, clock, ending.Token);
    }

    /// <summary>How the process ended by itself; null where it was ended.</summary>
    private async Task<ProcessExit?> RunOnceAsync(ProcessSpec program)
    {
        await using var process = GuardedProcess.Start(program);
        Tell(PodEventKind.Started, $"{place.Address}:{place.Port}");
        await ReportAsync(status.Running(place.Address.ToString(), clock.GetUtcNow()));

        using var stopProbing = CancellationTokenSource.CreateLinkedTokenSource(ending.Token);
        var probing = ProbeAsync(stopProbing.Token);
        await process.Ended.WaitAsync(ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await stopProbing.CancelAsync();
        await probing;

        if (!ending.IsCancellationRequested)
            return await process.Exited;
        if (!nodeDown.IsCancellationRequested)
            await StopAsync(process);
        return null;
    }

    private async Task StopAsync(GuardedProcess process)
    {
        Tell(PodEventKind.Stopping);
        await process.SignalAsync("TERM");
        using var impatience = CancellationTokenSource.CreateLinkedTokenSource(graceOver.Token, nodeDown.Token);
        await process.Ended.WaitAsync(impatience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await process.SignalAsync("KILL");
        await process.Exited;
    }

    private async Task PauseAsync(ProcessExit exit, TimeSpan run)
    {
        var delay = restartDelay.After(run);
        var message = $"{exit} It starts again in {delay.TotalSeconds:0} s.";
        Tell(PodEventKind.Crashed, message);
        await ReportAsync(status.Crashed(exit.Code, delay, clock.GetUtcNow()));
        await report.WarnAsync("BackOff", message, ending.Token);
        await Task.Delay(delay, clock, ending.Token);
    }

    private async Task ProbeAsync(CancellationToken cancellation)
    {
        using var probe = ReadinessProbe.Of(PodProgram.Container(pod), place, clock);
        try
        {
            await foreach (var ready in ReadinessLoop.ChangesAsync(PodProgram.Container(pod).ReadinessProbe, probe, clock, cancellation))
            {
                Tell(ready ? PodEventKind.Ready : PodEventKind.NotReady);
                await ReportAsync(status.WithReady(ready, clock.GetUtcNow()));
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The process ended, or is to end.
        }
    }

    private async Task ReportAsync(PodStatus next)
    {
        status = next;
        await report.StatusAsync(next, ending.Token);
    }

    private void Tell(PodEventKind kind, string? detail = null) => tell(new(kind, pod, clock.GetUtcNow(), detail));
}
