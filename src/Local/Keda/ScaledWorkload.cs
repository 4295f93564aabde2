namespace Wakegate.Local.Keda;

/// <summary>A Deployment that a ScaledObject scales, with what must survive a change of that ScaledObject: the last activity and the HPA.</summary>
internal sealed class ScaledWorkload(
    ScaleTarget target, ScaledObjectStatus status, Story story, TimeProvider clock, DateTimeOffset created, DateTimeOffset? lastActive) : IDisposable
{
    private readonly Autoscaler autoscaler = new();

    // Guards all fields, and the time from reading the replicas to writing them. KEDA holds such a lock while it asks the scaler, too: one
    // that hangs there holds up a pushed true here as it does in a cluster.
    private readonly SemaphoreSlim gate = new(1);
    private DateTimeOffset? lastActive = lastActive;
    private string? failure;
    private bool missing;

    /// <summary>A poll: asks all triggers, then wakes, rests, or leaves the workload alone.</summary>
    public Task PollAsync(ScalingRules rules, IReadOnlyList<Trigger> triggers, CancellationToken cancellation) => AloneAsync(async () =>
    {
        var readings = await ReadAsync(triggers, cancellation);
        var activity = readings.Any(reading => reading.Active) ? Activity.Active : failure is null ? Activity.Inactive : Activity.Unknown;
        var step = await ApplyAsync(rules, activity, cancellation);
        story.Tell(KedaEventKind.Polled, step.ToString());
    }, cancellation);

    /// <summary>A pushed <c>true</c>: wakes at once.</summary>
    public Task WakeAsync(ScalingRules rules, CancellationToken cancellation) =>
        AloneAsync(() => ApplyAsync(rules, Activity.Active, cancellation), cancellation);

    /// <summary>The HPA's turn: from one replica up, and back to one.</summary>
    public Task BalanceAsync(ScalingRules rules, IReadOnlyList<Trigger> triggers, CancellationToken cancellation) => AloneAsync(async () =>
    {
        if (await FindAsync(rules, cancellation) is not (> 0 and var current))
            return;

        var readings = await ReadAsync(triggers, cancellation);
        var metrics = readings.SelectMany(reading => reading.Metrics).ToList();
        var next = autoscaler.Decide(rules, current, metrics, complete: failure is null, clock.GetUtcNow());
        await ScaleAsync(rules, next > current ? KedaEventKind.ScaledUp : KedaEventKind.ScaledDown, current, next, cancellation);
        story.Tell(KedaEventKind.Balanced);
    }, cancellation);

    /// <summary>Paused: the workload goes to the replicas that the pause names and stays there.</summary>
    public Task PinAsync(ScalingRules rules, CancellationToken cancellation) => AloneAsync(async () =>
    {
        if (rules.PausedReplicas is { } pinned && await FindAsync(rules, cancellation) is { } current)
            await ScaleAsync(rules, pinned > current ? KedaEventKind.ScaledUp : KedaEventKind.ScaledDown, current, pinned, cancellation);
        await status.WriteAsync(new ScaledObjectConditions(Active: false, "ScaledObjectPaused", Paused: true), lastActive, cancellation);
    }, cancellation);

    public void Dispose() => gate.Dispose();

    private async Task AloneAsync(Func<Task> act, CancellationToken cancellation)
    {
        await gate.WaitAsync(cancellation);
        try
        {
            await act();
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task<Reading[]> ReadAsync(IReadOnlyList<Trigger> triggers, CancellationToken cancellation)
    {
        var readings = await Task.WhenAll(triggers.Select(trigger => trigger.ReadAsync(cancellation)));
        var before = failure;
        failure = readings.FirstOrDefault(reading => reading.Failure is not null)?.Failure;
        if (before is null && failure is not null)
            story.Tell(KedaEventKind.Frozen, failure);
        else if (before is not null && failure is null)
            story.Tell(KedaEventKind.Thawed);
        return readings;
    }

    private async Task<ScaleStep> ApplyAsync(ScalingRules rules, Activity activity, CancellationToken cancellation)
    {
        if (await FindAsync(rules, cancellation) is not { } current)
            return ScaleStep.Keep;

        var now = clock.GetUtcNow();
        var decision = ScaleDecision.For(rules, current, activity, Cooldown.IsOver(rules, lastActive, created, now));
        if (activity == Activity.Active)
            lastActive = now;
        await ScaleAsync(rules, KindOf(decision.Step), current, decision.Replicas, cancellation);
        await status.WriteAsync(ConditionsOf(activity, decision.Step), lastActive, cancellation);
        return decision.Step;
    }

    private async Task ScaleAsync(ScalingRules rules, KedaEventKind kind, int current, int next, CancellationToken cancellation)
    {
        if (next == current)
            return;
        await target.WriteAsync(rules.Deployment, next, cancellation);
        story.TellScaled(kind, current, next);
    }

    private async Task<int?> FindAsync(ScalingRules rules, CancellationToken cancellation)
    {
        var current = await target.ReadAsync(rules.Deployment, cancellation);
        if (current is null && !missing)
            story.Tell(KedaEventKind.TargetMissing, $"There is no Deployment '{rules.Deployment}'.");
        missing = current is null;
        return current;
    }

    private static KedaEventKind KindOf(ScaleStep step) => step switch
    {
        ScaleStep.Wake => KedaEventKind.Woken,
        ScaleStep.Rest => KedaEventKind.Rested,
        _ => KedaEventKind.ScaledUp,
    };

    private ScaledObjectConditions ConditionsOf(Activity activity, ScaleStep step) => activity == Activity.Active
        ? new ScaledObjectConditions(Active: true, "ScalerActive", failure)
        : new ScaledObjectConditions(Active: false, step == ScaleStep.CoolDown ? "ScalerCooldown" : "ScalerNotActive", failure);
}
