using System.Globalization;
using k8s.Models;

namespace Wakegate.Local.Pods;

/// <summary>A pod's environment, or why it cannot be made.</summary>
internal sealed record PodEnvironment(IReadOnlyDictionary<string, string> Variables, string? Refusal)
{
    /// <summary>The container's variables, and where to listen.</summary>
    public static PodEnvironment Of(V1Pod pod, V1Container container, PodPlace place)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var variable in container.Env ?? [])
        {
            if (variable.ValueFrom is null)
                variables[variable.Name] = variable.Value ?? "";
            else if (Field(pod, place, variable.ValueFrom.FieldRef?.FieldPath) is { } value)
                variables[variable.Name] = value;
            else
                return new(variables, $"Local cannot tell the value of {variable.Name}: give it as a value, or as a fieldRef to the pod's name, namespace, node or IP.");
        }

        variables["POD_IP"] = place.Address.ToString();
        variables["PORT"] = place.Port.ToString(CultureInfo.InvariantCulture);
        variables["POD_NAME"] = pod.Name();
        return new(variables, null);
    }

    private static string? Field(V1Pod pod, PodPlace place, string? path) => path switch
    {
        "metadata.name" => pod.Name(),
        "metadata.namespace" => pod.Namespace(),
        "spec.nodeName" => pod.Spec.NodeName,
        "status.podIP" => place.Address.ToString(),
        _ => null,
    };
}
