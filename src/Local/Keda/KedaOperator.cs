using System.Collections.Concurrent;
using k8s;
using Wakegate.Local.Keda.Protocol;

namespace Wakegate.Local.Keda;

/// <summary>
/// Plays KEDA: follows ScaledObjects and scales their Deployments by what the scaler says. It knows the Kubernetes API only through
/// its client and the scaler only through KEDA's protocol, so that what works with it works with KEDA.
/// </summary>
internal sealed partial class KedaOperator(
    IKubernetes kubernetes, KedaOptions options, TimeProvider clock, ILogger<KedaOperator> log) : BackgroundService
{
    private readonly ConcurrentQueue<KedaEvent> violations = new();

    // Only the watch's loop touches it, and the end after that.
    private readonly Dictionary<(string Namespace, string Name), Watched> watched = [];

    /// <summary>Every time the scaler broke its contract with KEDA.</summary>
    public IReadOnlyCollection<KedaEvent> Violations => violations;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var channels = new ScalerChannels(options);
        try
        {
            var watch = new ScaledObjectWatch(kubernetes, clock, log);
            await watch.RunAsync(scaled => ApplyAsync(scaled, channels), ForgetAsync, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped; perhaps alone, which its host would take for a fault.
        }
        finally
        {
            foreach (var key in watched.Keys.ToList())
                await StopAsync(key);
        }
    }

    private Task ApplyAsync(ScaledObject scaled, ScalerChannels channels)
    {
        var key = (scaled.Namespace, scaled.Name);
        var before = watched.GetValueOrDefault(key);
        if (before is not null && string.Equals(before.Wording, scaled.Wording, StringComparison.Ordinal))
            return Task.CompletedTask;

        var story = before?.Story ?? new Story(scaled.Namespace, scaled.Name, clock, Tell);
        var workload = before?.Workload ?? WorkloadOf(scaled, story);
        var triggers = TriggersOf(scaled, channels, story);
        if (triggers.Count == 0 && !scaled.Rules.Paused)
            return StopAsync(key);

        var loop = new ScaledObjectLoop(scaled.Rules, triggers, workload, story, options.HpaInterval, clock);
        watched[key] = new Watched(scaled.Wording, story, workload, loop);
        loop.Start(before?.Loop);
        return Task.CompletedTask;
    }

    private ScaledWorkload WorkloadOf(ScaledObject scaled, Story story) => new(
        new ScaleTarget(kubernetes, scaled.Namespace), new ScaledObjectStatus(kubernetes, scaled.Namespace, scaled.Name),
        story, clock, scaled.Created, scaled.LastActive);

    private static List<Trigger> TriggersOf(ScaledObject scaled, ScalerChannels channels, Story story)
    {
        if (scaled.Rules.Paused)
            return [];
        if (scaled.TargetKind is not "Deployment")
        {
            story.Tell(KedaEventKind.NotPlayed, $"scaleTargetRef names a {scaled.TargetKind}; only Deployments are scaled here.");
            return [];
        }

        var triggers = new List<Trigger>();
        foreach (var trigger in scaled.Triggers)
        {
            if (trigger.Type is "external" or "external-push" && trigger.Metadata.TryGetValue("scalerAddress", out var address))
                triggers.Add(new Trigger(ReferenceOf(scaled, trigger), trigger.Type is "external-push", channels.For(address), story));
            else
                story.Tell(
                    KedaEventKind.NotPlayed,
                    $"A trigger of type '{trigger.Type}' is left out; only external ones with a scalerAddress are played here.");
        }

        return triggers;
    }

    // KEDA hands all of the trigger's metadata on, its own scalerAddress included.
    private static ScaledObjectRef ReferenceOf(ScaledObject scaled, ScaledObjectTrigger trigger) =>
        new() { Name = scaled.Name, Namespace = scaled.Namespace, ScalerMetadata = { trigger.Metadata } };

    private async Task ForgetAsync((string Namespace, string Name) key)
    {
        var story = watched.GetValueOrDefault(key)?.Story;
        await StopAsync(key);
        story?.Tell(KedaEventKind.Forgotten);
    }

    private async Task StopAsync((string Namespace, string Name) key)
    {
        if (!watched.Remove(key, out var stopped))
            return;
        await stopped.Loop.DisposeAsync();
        stopped.Workload.Dispose();
    }

    private void Tell(KedaEvent told)
    {
        if (told.Kind == KedaEventKind.ContractViolated)
        {
            violations.Enqueue(told);
            ContractViolated(log, told.Namespace, told.ScaledObject, told.Detail);
        }

        options.OnEvent(told);
    }

    private sealed record Watched(string Wording, Story Story, ScaledWorkload Workload, ScaledObjectLoop Loop);

    [LoggerMessage(Level = LogLevel.Error, Message = "The scaler broke KEDA's contract for {Namespace}/{ScaledObject}: {Breach}")]
    private static partial void ContractViolated(ILogger logger, string @namespace, string scaledObject, string? breach);
}
