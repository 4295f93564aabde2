using k8s.Models;

namespace Wakegate.Manifests.Tests;

/// <summary>Every pod passes the Pod Security standard "restricted", rule by rule, and is held a little tighter than that.</summary>
/// <remarks>https://kubernetes.io/docs/concepts/security/pod-security-standards/</remarks>
public sealed class PodSecurityTests
{
    public static TheoryData<string> Installs => Manifest.Installs;

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Installs))]
    public async Task EveryPod_PassesRestricted(string folder)
    {
        foreach (var pod in await PodsAsync(folder))
        {
            Assert.Empty(Violations(pod));
        }
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Installs))]
    public async Task EveryContainer_IsReadOnlyAndHasRequestsAndLimits(string folder)
    {
        foreach (var container in (await PodsAsync(folder)).SelectMany(Containers))
        {
            Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
            Assert.Equal(["cpu", "memory"], container.Resources.Requests.Keys.Order(StringComparer.Ordinal));
            Assert.Equal(["cpu", "memory"], container.Resources.Limits.Keys.Order(StringComparer.Ordinal));
            Assert.All(container.Resources.Requests, r => Assert.True(r.Value.ToDouble() <= container.Resources.Limits[r.Key].ToDouble()));
        }
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Installs))]
    public async Task OnlyTheInterceptor_HasATokenForAsLongAsItRuns(string folder)
    {
        var deployments = (await Manifest.OfAsync(folder)).All<V1Deployment>();

        Assert.Equal(
            ["wakegate-interceptor"],
            deployments.Where(d => d.Spec.Template.Spec.AutomountServiceAccountToken != false).Select(d => d.Metadata.Name));
        var tokens = from deployment in deployments
                     from volume in deployment.Spec.Template.Spec.Volumes ?? []
                     where volume.Projected?.Sources.Any(s => s.ServiceAccountToken is not null) == true
                     from container in deployment.Spec.Template.Spec.Containers
                     from mount in container.VolumeMounts ?? []
                     where mount.Name == volume.Name
                     select container.Name;
        Assert.Empty(tokens);
    }

    [Fact]
    public void APodThatBreaksTheRules_IsNoticed()
    {
        var pod = new V1PodSpec
        {
            HostNetwork = true,
            Volumes = [new() { Name = "host", HostPath = new() { Path = "/" } }],
            Containers =
            [
                new() { Name = "bare" },
                new()
                {
                    Name = "root",
                    Ports = [new() { ContainerPort = 80, HostPort = 80 }],
                    SecurityContext = new()
                    {
                        RunAsNonRoot = true,
                        RunAsUser = 0,
                        Privileged = true,
                        AllowPrivilegeEscalation = false,
                        SeccompProfile = new() { Type = "RuntimeDefault" },
                        Capabilities = new() { Drop = ["ALL"], Add = ["NET_ADMIN"] },
                    },
                },
            ],
        };

        Assert.Equal(
            [
                "shares the node's namespaces", "volume host: of a kind that is not allowed",
                "bare: may run as root", "bare: may gain privileges", "bare: keeps capabilities", "bare: has no seccomp profile",
                "root: runs as user 0", "root: privileged", "root: takes a port of the node", "root: adds capabilities",
            ],
            Violations(pod));
    }

    private static async Task<IReadOnlyList<V1PodSpec>> PodsAsync(string folder)
    {
        var pods = (await Manifest.OfAsync(folder)).All<V1Deployment>().Select(d => d.Spec.Template.Spec).ToList();
        Assert.NotEmpty(pods);
        return pods;
    }

    private static IEnumerable<V1Container> Containers(V1PodSpec pod) => [.. pod.InitContainers ?? [], .. pod.Containers];

    private static IEnumerable<string> Violations(V1PodSpec pod)
    {
        if (pod.HostNetwork == true || pod.HostPID == true || pod.HostIPC == true)
            yield return "shares the node's namespaces";

        foreach (var volume in pod.Volumes ?? [])
        {
            if (volume is { ConfigMap: null, Csi: null, DownwardAPI: null, EmptyDir: null, Ephemeral: null, PersistentVolumeClaim: null, Projected: null, Secret: null })
                yield return $"volume {volume.Name}: of a kind that is not allowed";
        }

        foreach (var container in Containers(pod))
        {
            foreach (var violation in Violations(pod.SecurityContext, container))
                yield return $"{container.Name}: {violation}";
        }
    }

    private static IEnumerable<string> Violations(V1PodSecurityContext? pod, V1Container container)
    {
        var own = container.SecurityContext;
        if ((own?.RunAsNonRoot ?? pod?.RunAsNonRoot) != true)
            yield return "may run as root";
        if ((own?.RunAsUser ?? pod?.RunAsUser) == 0)
            yield return "runs as user 0";
        if (own?.Privileged == true)
            yield return "privileged";
        if (own?.AllowPrivilegeEscalation != false)
            yield return "may gain privileges";
        if (container.Ports?.Any(port => port.HostPort is > 0) == true)
            yield return "takes a port of the node";
        if (own?.Capabilities?.Drop?.Contains("ALL") != true)
            yield return "keeps capabilities";
        if (own?.Capabilities?.Add?.Any(capability => capability != "NET_BIND_SERVICE") == true)
            yield return "adds capabilities";
        if ((own?.SeccompProfile ?? pod?.SeccompProfile)?.Type is not ("RuntimeDefault" or "Localhost"))
            yield return "has no seccomp profile";
    }
}
