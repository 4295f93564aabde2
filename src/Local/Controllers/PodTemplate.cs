using System.Security.Cryptography;
using System.Text;
using k8s;
using k8s.Models;

namespace Wakegate.Local.Controllers;

/// <summary>Makes pods of a Deployment's template, and tells pods of the present template from those of an earlier one.</summary>
internal static class PodTemplate
{
    private const string HashLabel = "pod-template-hash";
    private const string ApiVersion = $"{V1Deployment.KubeGroup}/{V1Deployment.KubeApiVersion}";

    public static bool IsCurrent(V1Deployment deployment, V1Pod pod) => pod.GetLabel(HashLabel) == Hash(deployment);

    public static V1Pod NewPod(V1Deployment deployment)
    {
        var template = deployment.Spec.Template;
        var labels = new Dictionary<string, string>(StringComparer.Ordinal) { [HashLabel] = Hash(deployment) };
        // The API takes no Deployment whose template lacks the labels that select its pods.
        foreach (var (name, value) in template.Metadata.Labels)
            labels[name] = value;
        var pod = new V1Pod
        {
            Metadata = new V1ObjectMeta
            {
                GenerateName = $"{deployment.Name()}-",
                NamespaceProperty = deployment.Namespace(),
                Labels = labels,
                Annotations = template.Metadata.Annotations,
                OwnerReferences = [Ownership.By(deployment, ApiVersion, V1Deployment.KubeKind)],
            },
            // A copy: the template stays without a node.
            Spec = KubernetesJson.Deserialize<V1PodSpec>(KubernetesJson.Serialize(template.Spec)),
        };
        pod.Spec.NodeName = DeploymentController.Node;
        return pod;
    }

    private static string Hash(V1Deployment deployment) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(KubernetesJson.Serialize(deployment.Spec.Template))), 0, 5);
}
