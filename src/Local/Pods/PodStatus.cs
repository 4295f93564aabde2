using k8s.Models;

namespace Wakegate.Local.Pods;

/// <summary>What the kubelet says of a pod. Immutable: each change makes a new one, and a condition keeps its time until it changes.</summary>
internal sealed record PodStatus(V1Pod Pod, DateTimeOffset Created)
{
    private V1ContainerState State { get; init; } = new() { Waiting = new() { Reason = "ContainerCreating" } };

    private V1ContainerState? LastState { get; init; }

    private int Restarts { get; init; }

    private bool Ready { get; init; }

    private DateTimeOffset ReadyChanged { get; init; } = Created;

    private string? Address { get; init; }

    public PodStatus Waiting(string reason, string message) => this with { State = new() { Waiting = new() { Reason = reason, Message = message } } };

    public PodStatus Running(string address, DateTimeOffset now) =>
        this with { Address = address, State = new() { Running = new() { StartedAt = now.UtcDateTime } } };

    public PodStatus WithReady(bool ready, DateTimeOffset now) => Ready == ready ? this : this with { Ready = ready, ReadyChanged = now };

    public PodStatus Crashed(int exitCode, TimeSpan restartIn, DateTimeOffset now) =>
        WithReady(false, now).Waiting("CrashLoopBackOff", $"starts again in {restartIn.TotalSeconds:0} s") with
        {
            Restarts = Restarts + 1,
            LastState = new()
            {
                Terminated = new()
                {
                    ExitCode = exitCode,
                    Reason = exitCode == 0 ? "Completed" : "Error",
                    StartedAt = State.Running?.StartedAt,
                    FinishedAt = now.UtcDateTime,
                },
            },
        };

    /// <summary>In the API's form.</summary>
    public V1PodStatus ToApi() => new()
    {
        Phase = Address is null ? "Pending" : "Running",
        HostIP = "127.0.0.1",
        PodIP = Address,
        PodIPs = Address is null ? null : [new() { Ip = Address }],
        StartTime = Created.UtcDateTime,
        Conditions =
        [
            Condition("PodScheduled", true, Created),
            Condition("Initialized", true, Created),
            Condition("ContainersReady", Ready, ReadyChanged),
            Condition("Ready", Ready, ReadyChanged),
        ],
        ContainerStatuses =
        [
            new()
            {
                Name = PodProgram.Container(Pod).Name,
                Image = PodProgram.Container(Pod).Image ?? "",
                ImageID = "",
                Ready = Ready,
                Started = State.Running is not null,
                RestartCount = Restarts,
                State = State,
                LastState = LastState,
            },
        ],
    };

    private static V1PodCondition Condition(string type, bool holds, DateTimeOffset since) => new()
    {
        Type = type,
        Status = holds ? "True" : "False",
        LastTransitionTime = since.UtcDateTime,
        Reason = holds ? null : "ContainersNotReady",
    };
}
