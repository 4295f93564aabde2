using k8s.Models;
using Wakegate.Local.Processes;

namespace Wakegate.Local.Pods;

/// <summary>What a pod runs here instead of its image: the sample workload, or the command that an annotation gives.</summary>
internal static class PodProgram
{
    /// <summary>The command that stands for a pod's image, run by <c>/bin/sh</c>.</summary>
    public const string CommandAnnotation = "wakegate.dev/local-command";

    private const string SampleImage = "wakegate/upstream";
    private const int DefaultPort = 8080;

    /// <summary>The first container is the pod: sidecars are not played.</summary>
    public static V1Container Container(V1Pod pod) => pod.Spec.Containers[0];

    /// <summary>The port that the pod serves on: its first containerPort.</summary>
    public static int Port(V1Pod pod) => Container(pod).Ports?.FirstOrDefault()?.ContainerPort ?? DefaultPort;

    /// <summary>What to run, or why nothing can be.</summary>
    public static PodProgramChoice Of(V1Pod pod, PodPlace place)
    {
        var container = Container(pod);
        if (Command(pod, container) is not { } command)
        {
            return new(null, "ErrImagePull",
                $"Local pulls no images, so it cannot run \"{container.Image}\": give the command that stands for it in the pod annotation {CommandAnnotation}.");
        }

        var environment = PodEnvironment.Of(pod, container, place);
        return environment.Refusal is { } refusal
            ? new(null, "CreateContainerConfigError", refusal)
            : new(new(pod.Name(), command) { Environment = environment.Variables }, null, null);
    }

    private static IReadOnlyList<string>? Command(V1Pod pod, V1Container container) =>
        pod.GetAnnotation(CommandAnnotation) is { Length: > 0 } line ? ["/bin/sh", "-c", line]
        : Repository(container.Image ?? "").EndsWith(SampleImage, StringComparison.Ordinal) ? DotnetProgram.Command("Upstream", container.Args ?? [])
        : null;

    /// <summary>The image without tag and digest. A colon before the last slash belongs to a registry's port.</summary>
    private static string Repository(string image)
    {
        var name = image.Split('@')[0];
        var tag = name.IndexOf(':', name.LastIndexOf('/') + 1);
        return tag < 0 ? name : name[..tag];
    }
}

/// <summary>What a pod runs; or the reason and the message with which its container waits.</summary>
internal sealed record PodProgramChoice(ProcessSpec? Program, string? Reason, string? Message);
