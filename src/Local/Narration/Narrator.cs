using k8s.Models;
using Wakegate.Local.Keda;
using Wakegate.Local.Pods;

namespace Wakegate.Local.Narration;

/// <summary>Turns what the parts of Local say into events of the story.</summary>
internal sealed class Narrator(Storyteller storyteller, ScaleTargets targets, TimeProvider clock)
{
    private const string Holding = "Holding requests for {Route}: no pod is ready.";
    private const string Released = "Releasing {Count} held requests of {Route} after {Milliseconds} ms.";

    // A Redis that was just started is trusted only after one lease: until then the scaler rightly knows nothing.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(30);

    private readonly DateTimeOffset begun = clock.GetUtcNow();

    /// <summary>A line of the log of a part.</summary>
    public void Hear(string part, string line)
    {
        if (ChildLog.Parse(line, clock.GetUtcNow()) is not { } log)
            return;
        var route = (string?)log.Values?["Route"];
        if (log.Template == Holding)
            Tell(log.At, Step.Held, route, "no pod is ready");
        else if (log.Template == Released)
            Tell(log.At, Step.Released, route, $"{Count(log.Values?["Count"]?.ToString() ?? "", "request")}, the first held for {log.Values?["Milliseconds"]} ms");
        else if (log.IsProblem)
            storyteller.Tell(new(log.At, Step.Problem, "", part, log.Text));
    }

    public void Hear(KedaEvent told)
    {
        var (step, text) = told.Kind switch
        {
            KedaEventKind.PushedActive => (Step.Signalled, "the scaler pushed true"),
            KedaEventKind.Woken or KedaEventKind.ScaledUp or KedaEventKind.ScaledDown => (Step.Scaled, $"{told.From} → {told.To}"),
            KedaEventKind.Rested => (told.To == 0 ? Step.Rested : Step.Scaled, $"{told.From} → {told.To}"),
            KedaEventKind.Frozen => (told.At - begun < Settling ? Step.Note : Step.Problem, $"replicas stay as they are: {told.Detail}"),
            KedaEventKind.TargetMissing => (Step.Problem, $"there is no Deployment to scale. {told.Detail}"),
            KedaEventKind.StreamEnded => (Step.Problem, $"the scaler's stream ended: {told.Detail}"),
            KedaEventKind.KubernetesFailed or KedaEventKind.ContractViolated or KedaEventKind.NotPlayed => (Step.Problem, told.Detail ?? told.Kind.ToString()),
            KedaEventKind.Thawed => (Step.Note, "the scaler answers again"),
            KedaEventKind.StreamReopened => (Step.Note, "the scaler's stream is open again"),
            KedaEventKind.Paused => (Step.Note, "paused by annotation"),
            _ => (Step.Note, ""),
        };
        if (text.Length > 0)
            Tell(told.At, step, $"{told.Namespace}/{told.ScaledObject}", text);
    }

    public void Hear(PodEvent told)
    {
        var (step, text) = told.Kind switch
        {
            PodEventKind.Started => (Step.Started, $"listens at {told.Detail}"),
            PodEventKind.Ready => (Step.Ready, ""),
            PodEventKind.NotReady => (Step.Problem, "its readinessProbe fails"),
            PodEventKind.Crashed or PodEventKind.Refused => (Step.Problem, told.Detail ?? ""),
            PodEventKind.Stopping => (Step.Note, "was told to stop"),
            _ => (Step.Stopped, ""),
        };
        var owner = told.Pod.OwnerReferences()?.FirstOrDefault()?.Name ?? told.Pod.Name();
        storyteller.Tell(new(told.At, step, $"{told.Pod.Namespace()}/{owner}", told.Pod.Name(), text));
    }

    private void Tell(DateTimeOffset at, Step step, string? scaledObject, string text)
    {
        // A route is its ScaledObject's namespace and name, and the trigger's route.
        var (ns, name) = scaledObject?.Split('/') is [var first, var second, ..] ? (first, second) : ("", "");
        storyteller.Tell(new(at, step, targets.Of(ns, name), name, text));
    }

    private static string Count(string count, string what) => count == "1" ? $"1 {what}" : $"{count} {what}s";
}
